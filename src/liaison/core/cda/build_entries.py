"""The coded entries of a letter LDL-SES 2022.01, each pointing to its words in the narrative."""

from liaison.core.cda.build_header import coded, identifier, interval, time
from liaison.core.cda.markup import Element, written
from liaison.core.cda.medication import AS_NEEDED
from liaison.core.cda.quantities import coded_amount, coded_period
from liaison.core.cda.terms import ABSENCE, ACT_CODE, CIS, NO_KNOWN_MEDICATIONS, SNOMED, TA_ASIP
from liaison.core.cda.values import Allergy, Code, Device, FollowUpItem, MedicationLine, Problem

_SIMPLE_OBSERVATION = ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48")
_MEDICATION = (
    "1.2.250.1.213.1.1.3.42",
    "2.16.840.1.113883.10.20.1.24",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7",
)
_NORMAL_DOSING = "1.3.6.1.4.1.19376.1.5.3.1.4.7.1"
_PRODUCT = ("1.2.250.1.213.1.1.3.43", "2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2")
_CONCERN = (
    "2.16.840.1.113883.10.20.1.27",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.3",
    "1.2.250.1.213.1.1.3.40",
)
_ALLERGY = (
    "2.16.840.1.113883.10.20.1.28",
    "2.16.840.1.113883.10.20.1.18",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5",
    "1.3.6.1.4.1.19376.1.5.3.1.4.6",
    "1.2.250.1.213.1.1.3.41",
)
_PROBLEM_CONCERN = (
    "2.16.840.1.113883.10.20.1.27",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.2",
    "1.2.250.1.213.1.1.3.39",
)
_PROBLEM = ("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37")
_DEVICE = ("2.16.840.1.113883.10.20.1.34", "1.2.250.1.213.1.1.3.20")
_REACTION = ("2.16.840.1.113883.10.20.1.28", "2.16.840.1.113883.10.20.1.54", "1.3.6.1.4.1.19376.1.5.3.1.4.5")
_SEVERITY = ("2.16.840.1.113883.10.20.1.55", "1.3.6.1.4.1.19376.1.5.3.1.4.1", "1.2.250.1.213.1.1.3.29")
_PLANNED_ACT = ("2.16.840.1.113883.10.20.1.25", "1.3.6.1.4.1.19376.1.5.3.1.4.19", "1.2.250.1.213.1.1.3.62")
_PLANNED_EXAMINATION = (
    "2.16.840.1.113883.10.20.1.25",
    "1.3.6.1.4.1.19376.1.5.3.1.1.20.3.1",
    "1.2.250.1.213.1.1.3.27",
)
_PLANNED_ENCOUNTER = (
    "2.16.840.1.113883.10.20.1.21",
    "2.16.840.1.113883.10.20.1.25",
    "1.3.6.1.4.1.19376.1.5.3.1.4.14",
    "1.2.250.1.213.1.1.3.58",
)


def _templates(*roots: str) -> list[Element]:
    return [written("templateId", root=root) for root in roots]


def _pointing(tag: str, anchor: str) -> Element:
    return written(tag, written("reference", value=f"#{anchor}"))


def _completed() -> Element:
    return written("statusCode", code="completed")


def observation(
    entry_id: str, templates: tuple[str, ...], code: Code, anchor: str, when: str, value: Element
) -> Element:
    """A simple observation (IHE PCC 1.3.6.1.4.1.19376.1.5.3.1.4.13) with the templates of its own kind."""
    return written(
        "observation",
        *_templates(*_SIMPLE_OBSERVATION, *templates),
        written("id", root=entry_id),
        coded("code", code),
        _pointing("text", anchor),
        _completed(),
        time("effectiveTime", when[:10]),
        value,
        classCode="OBS",
        moodCode="EVN",
    )


def medication_entry(line: MedicationLine, entry_id: str, anchor: str) -> Element:
    """FR-Traitement (1.2.250.1.213.1.1.3.42); ``anchor`` marks the drug's cell in the narrative table.

    Dose and frequency are always in words, by reference to the narrative, and in codes when the words say a plain
    amount or a regular period.
    """
    return written(
        "substanceAdministration",
        *_templates(*_MEDICATION, _NORMAL_DOSING),
        written("id", root=entry_id),
        coded("code", Code("DRUG", ACT_CODE, "Médicament")),
        _pointing("text", anchor),
        _completed(),
        _period_of_treatment(line),
        _frequency(line.frequency, f"{anchor}-frequence"),
        written("routeCode", written("originalText", line.route), nullFlavor="OTH") if line.route else None,
        _dose(line.dose, f"{anchor}-dose"),
        written("consumable", _product(line, anchor)),
        _condition(line),
        classCode="SBADM",
        moodCode=line.mood,
        negationInd="true" if line.negated else "",
    )


def _period_of_treatment(line: MedicationLine) -> Element:
    if line.duration and not line.end:
        amount, unit = coded_amount(line.duration)
        width = written("width", _in_words(line.duration), value=amount, unit=unit, nullFlavor="" if amount else "OTH")
        return written("effectiveTime", time("low", line.start) if line.start else None, width, type_="IVL_TS")
    return interval("effectiveTime", line.start, line.end, type_="IVL_TS")


def _in_words(text: str) -> Element:
    return written("translation", written("originalText", text))


def _by_reference(anchor: str) -> Element:
    return written("translation", _pointing("originalText", anchor))


def _frequency(frequency: str, anchor: str) -> Element | None:
    if not frequency:
        return None
    value, unit = coded_period(frequency)
    period = written("period", _by_reference(anchor), value=value, unit=unit, nullFlavor="" if value else "OTH")
    regular = "true" if unit == "h" else ""
    return written("effectiveTime", period, type_="PIVL_TS", operator="A", institutionSpecified=regular)


def _dose(dose: str, anchor: str) -> Element | None:
    """Both bounds of the range, as the model asks, though a dose of ours is one."""
    if not dose:
        return None
    value, unit = coded_amount(dose)
    said = {"value": value, "unit": unit, "nullFlavor": "" if value else "OTH"}
    return written("doseQuantity", *(written(bound, _by_reference(anchor), **said) for bound in ("low", "high")))


def _product(line: MedicationLine, anchor: str) -> Element:
    """The product is coded in CIS or not at all: the codes of any other system are translations."""
    in_cis = line.codes[:1] if line.codes and line.codes[0].system == CIS else ()
    main = in_cis[0] if in_cis else Code("", "")
    translations = (coded("translation", other) for other in line.codes[len(in_cis) :])
    return written(
        "manufacturedProduct",
        *_templates(*_PRODUCT),
        written(
            "manufacturedMaterial",
            coded("code", main, _pointing("originalText", anchor), *translations),
            written("name", line.name),
        ),
    )


def _condition(line: MedicationLine) -> Element | None:
    if not line.as_needed:
        return None
    return written("precondition", written("criterion", written("text", line.condition or AS_NEEDED)))


def absence_entry(entry_id: str, anchor: str) -> Element:
    """The statement that there is no treatment, which is not the same as saying nothing of treatments."""
    return written(
        "substanceAdministration",
        *_templates(*_MEDICATION, _NORMAL_DOSING),
        written("id", root=entry_id),
        coded("code", Code(NO_KNOWN_MEDICATIONS, ABSENCE, "Pas de traitement connu")),
        _pointing("text", anchor),
        _completed(),
        written(
            "consumable",
            written(
                "manufacturedProduct",
                *_templates(*_PRODUCT),
                written(
                    "manufacturedMaterial",
                    coded("code", Code("", "")),
                    written("name", nullFlavor="NA"),
                    nullFlavor="NA",
                ),
            ),
        ),
        classCode="SBADM",
        moodCode="EVN",
    )


def allergy_entry(allergy: Allergy, entry_ids: tuple[str, str, str], anchor: str) -> Element:
    """FR-Liste-des-allergies (1.2.250.1.213.1.1.3.40) around one FR-Allergie (1.2.250.1.213.1.1.3.41)."""
    concern, finding, reaction = entry_ids
    return written(
        "act",
        *_templates(*_CONCERN),
        written("id", root=concern),
        coded("code", Code("", "")),
        written("statusCode", code="active"),
        written("effectiveTime", time("low", "")),
        written(
            "entryRelationship", _allergy(allergy, finding, reaction, anchor), typeCode="SUBJ", inversionInd="false"
        ),
        classCode="ACT",
        moodCode="EVN",
    )


def _allergy(allergy: Allergy, entry_id: str, reaction_id: str, anchor: str) -> Element:
    entity = written(
        "playingEntity",
        written("code", _pointing("originalText", anchor), nullFlavor="OTH"),
        written("name", allergy.agent),
        classCode="MMAT",
    )
    role = written("participantRole", entity, classCode="MANU")
    return written(
        "observation",
        *_templates(*_ALLERGY),
        written("id", root=entry_id),
        coded("code", Code("419199007", SNOMED, "allergie à une substance")),
        _pointing("text", anchor),
        _completed(),
        written("effectiveTime", time("low", ""), type_="IVL_TS"),
        written("value", _pointing("originalText", anchor), type_="CD", nullFlavor="OTH"),
        written("participant", role, typeCode="CSM"),
        _reaction(allergy.reaction, reaction_id, f"{anchor}-reaction"),
        _severity(allergy.severity, f"{anchor}-gravite"),
        classCode="OBS",
        moodCode="EVN",
        negationInd="true" if allergy.negated else "false",
    )


def _reaction(reaction: str, entry_id: str, anchor: str) -> Element | None:
    if not reaction:
        return None
    finding = written(
        "observation",
        *_templates(*_REACTION),
        written("id", root=entry_id),
        coded("code", Code("418799008", SNOMED, "symptôme")),
        _pointing("text", anchor),
        _completed(),
        written("effectiveTime", time("low", "")),
        _worded_value(reaction),
        classCode="OBS",
        moodCode="EVN",
    )
    return written("entryRelationship", finding, typeCode="MFST", inversionInd="true")


def _severity(severity: str, anchor: str) -> Element | None:
    if not severity:
        return None
    finding = written(
        "observation",
        *_templates(*_SEVERITY),
        coded("code", Code("SEV", ACT_CODE, "Sévérité")),
        _pointing("text", anchor),
        _completed(),
        _worded_value(severity),
        classCode="OBS",
        moodCode="EVN",
    )
    return written("entryRelationship", finding, typeCode="SUBJ", inversionInd="true")


def _worded_value(text: str) -> Element:
    return written("value", written("originalText", text), type_="CD", nullFlavor="OTH")


def problem_entry(problem: Problem, entry_ids: tuple[str, str], anchor: str) -> Element:
    """FR-Liste-des-problèmes (1.2.250.1.213.1.1.3.39) around one FR-Problème (1.2.250.1.213.1.1.3.37)."""
    concern, finding = entry_ids
    status = problem.status or "active"
    return written(
        "act",
        *_templates(*_PROBLEM_CONCERN),
        written("id", root=concern),
        coded("code", Code("", "")),
        written("statusCode", code=status),
        _period_of_concern(problem, status),
        written("entryRelationship", _problem(problem, finding, anchor), typeCode="SUBJ", inversionInd="false"),
        classCode="ACT",
        moodCode="EVN",
    )


def _period_of_concern(problem: Problem, status: str) -> Element:
    """The end of a concern stands when it is over, and only then (IHE PCC)."""
    end = time("high", problem.end) if status in ("completed", "aborted") else None
    return written("effectiveTime", time("low", problem.start), end)


def _problem(problem: Problem, entry_id: str, anchor: str) -> Element:
    return written(
        "observation",
        *_templates(*_PROBLEM),
        written("id", root=entry_id),
        coded("code", Code("282291009", SNOMED, "interprétation diagnostique")),
        _pointing("text", anchor),
        _completed(),
        interval("effectiveTime", problem.start, problem.end),
        _classified("value", problem.codes, anchor, type_="CD"),
        classCode="OBS",
        moodCode="EVN",
        negationInd="true" if problem.negated else "false",
    )


def device_entry(device: Device, entry_id: str, anchor: str) -> Element:
    """FR-Dispositif-médical (1.2.250.1.213.1.1.3.20)."""
    playing = written(
        "playingDevice", _classified("code", device.codes, anchor), classCode="DEV", determinerCode="INSTANCE"
    )
    role = written("participantRole", *(identifier("id", each) for each in device.ids), playing, classCode="MANU")
    return written(
        "supply",
        *_templates(*_DEVICE),
        written("id", root=entry_id),
        interval("effectiveTime", device.start, device.end, type_="IVL_TS"),
        written("participant", role, typeCode="DEV"),
        classCode="SPLY",
        moodCode="EVN",
    )


def _classified(tag: str, codes: tuple[Code, ...], anchor: str, *, type_: str = "") -> Element:
    """A thing in words, and in each of the classifications that hold it."""
    main, *others = codes or (Code("", ""),)
    translations = (coded("translation", other) for other in others)
    return coded(tag, main, _pointing("originalText", anchor), *translations, type_=type_)


def follow_up_entry(item: FollowUpItem, entry_id: str, anchor: str) -> Element:
    """FR-Acte for an ``act``, FR-Rencontre for an ``encounter``, FR-Demande-d-examen-ou-de-suivi for the rest."""
    if item.kind == "act":
        return _planned("procedure", _PLANNED_ACT, ("PROC", "INT"), entry_id, _unnamed_code(anchor), anchor, item)
    if item.kind == "encounter":
        code = coded("code", Code("AMB", ACT_CODE, "Ambulatoire (hors établissement)"))
        return _planned("encounter", _PLANNED_ENCOUNTER, ("ENC", "ARQ"), entry_id, code, anchor, item)
    code = coded("code", Code("ORG-064", TA_ASIP, "Demande d'examen ou de suivi"))
    request = _planned("observation", _PLANNED_EXAMINATION, ("OBS", "INT"), entry_id, code, anchor, item)
    request.append(written("value", item.label, type_="ST"))
    return request


def _unnamed_code(anchor: str) -> Element:
    return written("code", _pointing("originalText", anchor), nullFlavor="OTH")


def _planned(
    tag: str,
    templates: tuple[str, ...],
    kind: tuple[str, str],
    entry_id: str,
    code: Element,
    anchor: str,
    item: FollowUpItem,
) -> Element:
    class_code, mood_code = kind
    return written(
        tag,
        *_templates(*templates),
        written("id", root=entry_id),
        code,
        _pointing("text", anchor),
        written("statusCode", code="active"),
        time("effectiveTime", item.when),
        classCode=class_code,
        moodCode=mood_code,
    )
