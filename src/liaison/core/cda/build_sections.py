"""The sections of a letter LDL-SES 2022.01: each with its narrative, which is what is signed, and its coded entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import NAMESPACE_OID, uuid5

from liaison.core.cda.build_entries import (
    absence_entry,
    allergy_entry,
    device_entry,
    follow_up_entry,
    medication_entry,
    observation,
    problem_entry,
)
from liaison.core.cda.build_header import coded
from liaison.core.cda.markup import Element, written
from liaison.core.cda.terms import DISCHARGE_MODE, LOINC, SNOMED, TA_ASIP
from liaison.core.cda.times import french_date
from liaison.core.cda.values import (
    SECTION_ALLERGIES,
    SECTION_DEVICES,
    SECTION_DISCHARGE,
    SECTION_EXPECTED_RESULTS,
    SECTION_FOLLOW_UP,
    SECTION_PROBLEMS,
    SECTION_REASON,
    SECTION_STOPPED,
    SECTION_SYNTHESIS,
    Code,
    DischargeLetter,
    MedicationLine,
)

SECTION_STATUS = "33557-0"

_MEDICATION_COLUMNS = (
    "Date de début",
    "Date de fin",
    "Médicament",
    "Dose",
    "Fréquence",
    "Voie",
    "Condition",
    "Commentaire",
)
_FOLLOW_UP_KINDS = {"act": "Acte", "encounter": "Consultation"}
_YES_NO = {True: "Oui", False: "Non"}


@dataclass(frozen=True, slots=True)
class _Model:
    """A section of the model: its LOINC code, the title people read, the label of the code, the templates."""

    code: str
    title: str
    label: str
    templates: tuple[str, ...]


_STATUS = _Model(
    SECTION_STATUS, "Statut du document", "Etat d'achèvement", ("1.2.250.1.213.1.1.2.35", "1.2.250.1.213.1.1.2.35.1")
)
_REASON = _Model(
    SECTION_REASON,
    "Motif de l'hospitalisation",
    "Raison de la recommandation",
    ("1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.2.250.1.213.1.1.2.127"),
)
_SYNTHESIS = _Model(
    SECTION_SYNTHESIS,
    "Synthèse médicale du séjour",
    "Evènements observés",
    (
        "1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9",
        "1.3.6.1.4.1.19376.1.7.3.1.1.13.7",
        "1.2.250.1.213.1.1.2.163",
        "1.2.250.1.213.1.1.2.163.1",
    ),
)
_STOPPED = _Model(
    SECTION_STOPPED,
    "Traitements arrêtés durant le séjour",
    "Traitements administrés",
    ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145"),
)
_DISCHARGE = _Model(
    SECTION_DISCHARGE,
    "Traitements à la sortie",
    "Traitements à la sortie",
    ("1.3.6.1.4.1.19376.1.5.3.1.3.22", "1.2.250.1.213.1.1.2.146"),
)
_EXPECTED = _Model(
    SECTION_EXPECTED_RESULTS,
    "Résultats d'examens et autres informations attendus",
    "Résultats d'examens",
    ("1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150"),
)
_FOLLOW_UP = _Model(
    SECTION_FOLLOW_UP,
    "Suites à donner",
    "Plan de soins",
    ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158"),
)
_ALLERGIES = _Model(
    SECTION_ALLERGIES,
    "Allergies identifiées pendant le séjour",
    "Allergies et hypersensibilités",
    ("2.16.840.1.113883.10.20.1.2", "1.3.6.1.4.1.19376.1.5.3.1.3.13", "1.2.250.1.213.1.1.2.137"),
)
_DEVICES = _Model(
    SECTION_DEVICES,
    "Dispositifs médicaux",
    "Dispositifs médicaux",
    ("2.16.840.1.113883.10.20.1.7", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5", "1.2.250.1.213.1.1.2.1"),
)
_PROBLEMS = _Model(
    SECTION_PROBLEMS,
    "Problèmes actifs",
    "Liste des problèmes actifs",
    ("2.16.840.1.113883.10.20.1.11", "1.3.6.1.4.1.19376.1.5.3.1.3.6", "1.2.250.1.213.1.1.2.132"),
)


class LetterSections:
    """The sections of one letter. Their ids and those of their entries follow from the document's id."""

    def __init__(self, letter: DischargeLetter) -> None:
        self._letter = letter
        self._numbers = count(1)

    def build(self) -> list[Element]:
        """The sections in the order of the model; an optional one with nothing to say is left out."""
        letter = self._letter
        sections: list[tuple[object, Callable[[], Element]]] = [
            (True, self._status),
            (True, self._reason),
            (True, self._synthesis),
            (letter.stopped, lambda: self._treatments(_STOPPED, letter.stopped)),
            (True, self._discharge),
            (letter.expected_results, self._expected),
            (letter.follow_up, self._follow_up),
            (letter.devices, self._devices),
            (letter.allergies, self._allergies),
            (letter.problems, self._problems),
        ]
        return [section() for is_there, section in sections if is_there]

    def _id(self) -> str:
        return str(uuid5(NAMESPACE_OID, f"{self._letter.header.id}/{next(self._numbers)}")).upper()

    def _section(self, model: _Model, narrative: Element, entries: list[Element]) -> Element:
        return written(
            "section",
            *(written("templateId", root=template) for template in model.templates),
            written("id", root=self._id()),
            coded("code", Code(model.code, LOINC, model.label)),
            written("title", model.title),
            written("text", narrative),
            *(written("entry", entry) for entry in entries),
        )

    def _status(self) -> Element:
        value = Code("398166005", SNOMED, "réalisé")
        entry = observation(
            self._id(),
            ("1.2.250.1.213.1.1.3.48.16", "1.2.250.1.213.1.1.3.48.16.1"),
            Code("GEN-065", TA_ASIP, "Statut du document"),
            "statut",
            self._letter.header.effective_time,
            coded("value", value, type_="CD"),
        )
        return self._section(_STATUS, _table((), [("Statut du document", _marked("statut", "Réalisé"))]), [entry])

    def _reason(self) -> Element:
        return self._section(_REASON, _paragraph(self._letter.reason), [])

    def _synthesis(self) -> Element:
        findings = self._findings()
        rows = [(label, _marked(anchor, text)) for _, _, label, anchor, text, _ in findings]
        when = self._letter.header.stay_end or self._letter.header.effective_time
        entries = [
            observation(self._id(), (template,), Code(code, TA_ASIP, label), anchor, when, value)
            for code, template, label, anchor, _, value in findings
        ]
        return self._section(_SYNTHESIS, _table((), rows), entries)

    def _findings(self) -> list[tuple[str, str, str, str, str, Element]]:
        """Code, template, label, anchor, text and value of each line of the synthesis, in the order of the model."""
        letter, header = self._letter, self._letter.header
        found = [
            _mode("ORG-070", "6", "Modalité d'entrée", "entree", letter.admission_mode, header.stay_start),
            _mode(DISCHARGE_MODE, "7", "Modalité de sortie", "sortie", letter.discharge_mode, header.stay_end),
            _told("MED-142", "9", "Synthèse médicale", "synthese", letter.synthesis),
            _said(
                "MED-309",
                "8",
                "Recherche de micro-organismes multi-résistants ou émergents effectuée",
                "recherche",
                answer=letter.resistant_bacteria_searched,
            ),
            _told(
                "MED-144",
                "5",
                "Identification de micro-organismes multi-résistants",
                "germes",
                letter.resistant_bacteria_found,
            ),
            _said("MED-145", "10", "Transfusion de produits sanguins", "transfusion", answer=letter.transfusion),
            _said("MED-147", "2", "Administration de dérivés du sang", "derives", answer=letter.blood_products),
        ]
        return [line for line in found if line[4]]

    def _discharge(self) -> Element:
        if self._letter.at_discharge:
            return self._treatments(_DISCHARGE, self._letter.at_discharge)
        return self._section(
            _DISCHARGE,
            _marked("aucun-traitement", "Aucun traitement prescrit à la sortie"),
            [absence_entry(self._id(), "aucun-traitement")],
        )

    def _treatments(self, model: _Model, lines: tuple[MedicationLine, ...]) -> Element:
        anchors = [f"MED-{model.code}-{number:03}" for number in range(1, len(lines) + 1)]
        rows = [_medication_row(line, anchor) for line, anchor in zip(lines, anchors, strict=True)]
        entries = [medication_entry(line, self._id(), anchor) for line, anchor in zip(lines, anchors, strict=True)]
        return self._section(model, _table(_MEDICATION_COLUMNS, rows), entries)

    def _expected(self) -> Element:
        items = (written("item", each) for each in self._letter.expected_results)
        return self._section(_EXPECTED, written("list", *items), [])

    def _follow_up(self) -> Element:
        items = self._letter.follow_up
        anchors = [f"SUITE-{number:03}" for number in range(1, len(items) + 1)]
        rows = [
            (_FOLLOW_UP_KINDS.get(item.kind, "Examen ou suivi"), _marked(anchor, item.label), french_date(item.when))
            for item, anchor in zip(items, anchors, strict=True)
        ]
        entries = [follow_up_entry(item, self._id(), anchor) for item, anchor in zip(items, anchors, strict=True)]
        return self._section(_FOLLOW_UP, _table(("Nature", "Suite à donner", "Date"), rows), entries)

    def _allergies(self) -> Element:
        allergies = self._letter.allergies
        anchors = [f"ALLERGIE-{number:03}" for number in range(1, len(allergies) + 1)]
        rows = [
            (
                _marked(anchor, each.agent),
                _marked_if_said(f"{anchor}-reaction", each.reaction),
                _marked_if_said(f"{anchor}-gravite", each.severity),
                "Écartée" if each.negated else "",
            )
            for each, anchor in zip(allergies, anchors, strict=True)
        ]
        entries = [
            allergy_entry(each, (self._id(), self._id(), self._id()), anchor)
            for each, anchor in zip(allergies, anchors, strict=True)
        ]
        return self._section(_ALLERGIES, _table(("Agent", "Réaction", "Gravité", "Remarque"), rows), entries)

    def _devices(self) -> Element:
        devices = self._letter.devices
        anchors = [f"DISPOSITIF-{number:03}" for number in range(1, len(devices) + 1)]
        rows = [
            (_marked(anchor, each.label), *_period(each.start, each.end), ", ".join(one.extension for one in each.ids))
            for each, anchor in zip(devices, anchors, strict=True)
        ]
        entries = [device_entry(each, self._id(), anchor) for each, anchor in zip(devices, anchors, strict=True)]
        columns = ("Dispositif", "Date de début", "Date de fin", "Identifiant")
        return self._section(_DEVICES, _table(columns, rows), entries)

    def _problems(self) -> Element:
        problems = self._letter.problems
        anchors = [f"PROBLEME-{number:03}" for number in range(1, len(problems) + 1)]
        rows = [
            (_marked(anchor, each.label), *_period(each.start, each.end), "Écarté" if each.negated else "")
            for each, anchor in zip(problems, anchors, strict=True)
        ]
        entries = [
            problem_entry(each, (self._id(), self._id()), anchor)
            for each, anchor in zip(problems, anchors, strict=True)
        ]
        columns = ("Problème", "Date de début", "Date de fin", "Remarque")
        return self._section(_PROBLEMS, _table(columns, rows), entries)


def _period(start: str, end: str) -> tuple[str, str]:
    return french_date(start), french_date(end)


def _mode(
    code: str, template: str, label: str, anchor: str, mode: Code, date: str
) -> tuple[str, str, str, str, str, Element]:
    said = ", ".join(filter(None, (french_date(date), mode.label or mode.code)))
    return code, f"1.2.250.1.213.1.1.3.48.{template}", label, anchor, said, coded("value", mode, type_="CE")


def _told(code: str, template: str, label: str, anchor: str, text: str) -> tuple[str, str, str, str, str, Element]:
    return code, f"1.2.250.1.213.1.1.3.48.{template}", label, anchor, text, written("value", text, type_="ST")


def _said(
    code: str, template: str, label: str, anchor: str, *, answer: bool
) -> tuple[str, str, str, str, str, Element]:
    value = written("value", type_="BL", value="true" if answer else "false")
    return code, f"1.2.250.1.213.1.1.3.48.{template}", label, anchor, _YES_NO[answer], value


def _medication_row(line: MedicationLine, anchor: str) -> tuple[str | Element, ...]:
    end = french_date(line.end) or (f"pendant {line.duration}" if line.duration else "")
    condition = line.condition or ("si besoin" if line.as_needed else "")
    return (
        french_date(line.start),
        end,
        _marked(anchor, line.name),
        _marked(f"{anchor}-dose", line.dose),
        _marked(f"{anchor}-frequence", line.frequency),
        line.route,
        condition,
        line.reason,
    )


def _marked(anchor: str, text: str) -> Element:
    """A text that entries may point to."""
    return written("content", *_broken(text), ID=anchor)


def _marked_if_said(anchor: str, text: str) -> str | Element:
    return _marked(anchor, text) if text else ""


def _paragraph(text: str) -> Element:
    return written("paragraph", *_broken(text))


def _broken(text: str) -> list[Element | str | None]:
    """The lines of a text, with a break between them."""
    parts: list[Element | str | None] = []
    for line in text.splitlines():
        parts += [written("br"), line] if parts else [line]
    return parts


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str | Element, ...]]) -> Element:
    head = written("thead", written("tr", *(written("th", title) for title in columns))) if columns else None
    body = written("tbody", *(written("tr", *(written("td", cell) for cell in row)) for row in rows))
    return written("table", head, body)
