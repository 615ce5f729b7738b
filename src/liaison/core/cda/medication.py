"""The medication entries of a document: IHE PCC 1.3.6.1.4.1.19376.1.5.3.1.4.7 and the CI-SIS FR-Traitement."""

from itertools import chain, islice

from liaison.core.cda.markup import Element, attribute, attribute_at, descendants, find, find_all, words, words_at
from liaison.core.cda.persons import read_code, read_codes
from liaison.core.cda.quantities import frequency_text, is_interval, quantity_text, width_text, with_components
from liaison.core.cda.quotes import Quotes
from liaison.core.cda.sections import Body, Part
from liaison.core.cda.terms import (
    ABSENCE,
    CONDITIONAL_DOSE_TEMPLATE,
    IMMUNIZATION_CODES,
    IMMUNIZATION_SECTION,
    IMMUNIZATION_TEMPLATES,
    MEDICATION_SECTIONS,
    NO_TREATMENT,
    SNOMED,
    SNOMED_ABSENCES,
    STOP_OF_ALL_TREATMENTS,
)
from liaison.core.cda.times import iso_time
from liaison.core.cda.values import MedicationLine, TreatmentReading
from liaison.core.notices import Notice

MAX_LINES = 2000
AS_NEEDED = "si besoin"

_MATERIAL = "consumable/manufacturedProduct/manufacturedMaterial"
_PRODUCT = f"{_MATERIAL}/code"
_REASON_HEADINGS = ("commentaire", "motif", "remarque", "raison")
_NO_CONDITION = frozenset({"-", "aucune", "aucun", "non", "néant", "sans objet"})
_DRUG_HEADINGS = ("médicament", "traitement", "spécialité", "produit")


def read_medications(body: Body) -> tuple[MedicationLine, ...]:
    """One line for each drug: neither immunizations, nor absence statements, nor the parts of a split posology."""
    vaccines = frozenset((*body.claiming(*IMMUNIZATION_TEMPLATES), *_given_as_vaccines(body)))
    entries = (entry for entry in body.descendants("substanceAdministration") if _is_drug(entry, vaccines))
    conditional = frozenset(body.claiming(CONDITIONAL_DOSE_TEMPLATE))
    lines = (_line(entry, body, is_conditional=entry in conditional) for entry in islice(entries, MAX_LINES))
    return tuple(line for line in lines if line.name or line.codes)


def _given_as_vaccines(body: Body) -> list[Element]:
    """What stands in the section of immunizations, whatever its templates."""
    parts = body.parts_coded(IMMUNIZATION_SECTION)
    return [entry for part in parts for entry in descendants(part.element, "substanceAdministration")]


def read_treatments(body: Body, medications: tuple[MedicationLine, ...]) -> tuple[TreatmentReading, tuple[Notice, ...]]:
    """How far the document's treatments can be read, and the warnings a prescriber must see.

    A narrative without entries is not « no treatment »: the CDA rule is that the narrative is what was signed.
    """
    parts = body.parts_coded(*MEDICATION_SECTIONS)
    notices = (*_stop_of_all(body), *_narrative_notices(parts, medications), *_too_many(medications))
    return _reading(body, parts, medications), notices


def _reading(body: Body, parts: list[Part], medications: tuple[MedicationLine, ...]) -> TreatmentReading:
    """None is stated only where no other section of treatments tells some in words."""
    if medications:
        return "coded"
    if any(part.narrative.lines and not _states_none(part) for part in parts):
        return "narrative_only"
    return "none_stated" if _statements_of_none(body.document) else "absent"


def _states_none(part: Part) -> bool:
    """Whether a section says there is no treatment; a list of several in its text, which is what was signed, denies it.

    « No information » is no such statement.
    """
    return bool(_statements_of_none(part.element)) and len(part.narrative.rows_under(_DRUG_HEADINGS)) <= 1


def _statements_of_none(element: Element) -> list[Element]:
    return [entry for entry in descendants(element, "substanceAdministration") if _says_none(entry)]


def _is_drug(entry: Element, vaccines: frozenset[Element]) -> bool:
    code = find(entry, "code")
    is_vaccine = entry in vaccines or attribute(code, "code") in IMMUNIZATION_CODES
    return not (is_vaccine or _is_posology_part(entry) or any(map(_says_absence, _coded(entry))))


def _is_posology_part(entry: Element) -> bool:
    return next(entry.iterancestors(entry.tag), None) is not None


def _says_none(entry: Element) -> bool:
    return any(attribute(code, "code") in NO_TREATMENT for code in _coded(entry) if _says_absence(code))


def _coded(entry: Element) -> tuple[Element | None, Element | None]:
    return find(entry, "code"), find(entry, _PRODUCT)


def _says_absence(code: Element | None) -> bool:
    system = attribute(code, "codeSystem")
    return system == ABSENCE or (system == SNOMED and attribute(code, "code") in SNOMED_ABSENCES)


def _line(entry: Element, body: Body, *, is_conditional: bool) -> MedicationLine:
    quotes = body.quotes
    times = with_components(find_all(entry, "effectiveTime"))
    period = _treatment_period(times)
    condition = _condition(entry, quotes)
    material = find(entry, _MATERIAL)
    product = find(material, "code")
    text = find(entry, "text")
    return MedicationLine(
        section=body.section_code_around(entry),
        name=_name(material, product, quotes),
        codes=read_codes(product),
        mood=attribute(entry, "moodCode") or "EVN",
        negated=attribute(entry, "negationInd") in ("true", "1"),
        start=iso_time(attribute_at(period, "low", "value") or attribute(period, "value")),
        end=iso_time(attribute_at(period, "high", "value")),
        duration=width_text(period, quotes),
        dose=_dose(entry, quotes),
        frequency=frequency_text(times, quotes),
        route=_coded_text(find(entry, "routeCode"), quotes),
        as_needed=is_conditional or bool(condition),
        condition="" if condition.casefold() == AS_NEEDED else condition,
        reason=_reason(entry, text, quotes),
        narrative=quotes.row(text) or quotes.row(find(product, "originalText")),
    )


def _treatment_period(times: list[Element]) -> Element | None:
    """The interval of the treatment; a bare date is the day it was given, or began."""
    dated = (time for time in times if attribute(time, "value"))
    return next(chain(filter(is_interval, times), dated), None)


def _name(material: Element | None, product: Element | None, quotes: Quotes) -> str:
    return words_at(material, "name") or quotes.text(find(product, "originalText")) or attribute(product, "displayName")


def _dose(entry: Element, quotes: Quotes) -> str:
    return quantity_text(find(entry, "doseQuantity"), quotes) or _steps(entry, quotes)


def _steps(entry: Element, quotes: Quotes) -> str:
    """The steps of a tapered, split or conditional dosing, each with its own dose and times."""
    steps = find_all(entry, "entryRelationship/substanceAdministration")
    return " ; ".join(filter(None, (_step(step, quotes) for step in steps[:MAX_LINES])))


def _step(step: Element, quotes: Quotes) -> str:
    times = with_components(find_all(step, "effectiveTime"))
    dose = quantity_text(find(step, "doseQuantity"), quotes)
    frequency = frequency_text(times, quotes)
    during = "" if "pendant" in frequency else _during(times, quotes)
    return " ".join(filter(None, (dose, frequency, during))) or quotes.text(find(step, "text"))


def _during(times: list[Element], quotes: Quotes) -> str:
    width = width_text(next(filter(is_interval, times), None), quotes)
    return f"pendant {width}" if width else ""


def _coded_text(code: Element | None, quotes: Quotes) -> str:
    return attribute(code, "displayName") or quotes.text(find(code, "originalText")) or attribute(code, "code")


def _condition(entry: Element, quotes: Quotes) -> str:
    """The words of a precondition; a dash, where the form has nothing to say, is none."""
    text = quotes.text(find(entry, "precondition/criterion/text"))
    return "" if text.casefold() in _NO_CONDITION else text


def _reason(entry: Element, text: Element | None, quotes: Quotes) -> str:
    """The comment column of the row, where LDL-SES says why a treatment was stopped, else the coded reason's words."""
    comment = quotes.cell(text, *_REASON_HEADINGS)
    if comment:
        return comment
    for related in find_all(entry, "entryRelationship"):
        if attribute(related, "typeCode") == "RSON":
            return next(filter(None, (_reason_text(child, quotes) for child in related)), "")
    return ""


def _reason_text(reason: Element, quotes: Quotes) -> str:
    return (
        quotes.text(find(reason, "text"))
        or read_code(find(reason, "value")).label
        or read_code(find(reason, "code")).label
    )


def _stop_of_all(body: Body) -> tuple[Notice, ...]:
    for observation in body.observations.get(STOP_OF_ALL_TREATMENTS, ()):
        value = find(observation, "value")
        if attribute(value, "value") == "true" or words(value):
            message = "Le document demande l'arrêt de tous les traitements en cours : à vérifier avec son auteur."
            return (Notice("all_treatments_stopped", message),)
    return ()


def _narrative_notices(parts: list[Part], medications: tuple[MedicationLine, ...]) -> tuple[Notice, ...]:
    """A section whose text lists other drugs than its entries: some treatments can only be read in the text."""
    if not medications or all(_agrees(part, medications) for part in parts):
        return ()
    message = "Le texte du document ne compte pas autant de traitements que ses données codées : lire le texte."
    return (Notice("treatments_differ_from_text", message),)


def _agrees(part: Part, medications: tuple[MedicationLine, ...]) -> bool:
    coded = sum(line.section == part.code for line in medications)
    if not coded:
        return not part.narrative.lines or _states_none(part)
    return len(part.narrative.rows_under(_DRUG_HEADINGS)) in (0, coded)


def _too_many(medications: tuple[MedicationLine, ...]) -> tuple[Notice, ...]:
    if len(medications) < MAX_LINES:
        return ()
    return (Notice("too_many_medications", "Le document compte trop de traitements : seuls les premiers sont lus."),)
