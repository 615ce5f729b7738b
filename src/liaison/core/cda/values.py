"""The frozen values of a CDA R2 document, read or to be written."""

from dataclasses import dataclass, field
from typing import Literal

from liaison.core.cda.narrative_html import narrative_html
from liaison.core.notices import Notice
from liaison.core.people import Identifier, Organisation, Patient, Professional

DISCHARGE_LETTER = "11490-0"
HOSPITAL_REPORT = "34112-3"

SECTION_REASON = "42349-1"
SECTION_SYNTHESIS = "42545-4"
SECTION_STOPPED = "18610-6"
SECTION_DISCHARGE = "10183-2"
SECTION_ADMISSION = "42346-7"
SECTION_EXPECTED_RESULTS = "30954-2"
SECTION_FOLLOW_UP = "18776-5"
SECTION_DEVICES = "46264-8"
SECTION_ALLERGIES = "48765-2"
SECTION_PROBLEMS = "11450-4"

Level = Literal[1, 3]
ContactKind = Literal["guardian", "trusted", "emergency", "other"]
TreatmentReading = Literal["coded", "none_stated", "narrative_only", "absent"]
Origin = Literal["coded", "table", "text"]


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    system: str
    label: str = ""


_NO_CODE = Code("", "")


@dataclass(frozen=True, slots=True)
class Section:
    """One section at any depth, in document order.

    ``rows`` are those of its tables, headings first, when the section has no entries to read instead. ``narrative`` is
    the XML its words came in, left out of comparisons: prefixes and blanks may differ where nothing said does.
    """

    code: str
    title: str
    text: str
    entries: int
    rows: tuple[tuple[str, ...], ...] = ()
    narrative: str = field(default="", compare=False, repr=False)

    @property
    def html(self) -> str:
        """The narrative as HTML built by us from a whitelist, safe to show; made anew each time it is asked for."""
        return narrative_html(self.narrative)


@dataclass(frozen=True, slots=True)
class Moments:
    """What is taken at each moment of the day, as text; empty when not said."""

    morning: str = ""
    noon: str = ""
    evening: str = ""
    bedtime: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of a page as shown (the first is 1): from 0 to 1 of its width and height, from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class MedicationLine:
    """One drug of a letter. Dates are ISO 8601 at the precision of the source; the rest is text, never computed with.

    ``section`` is the LOINC code of the section it stands in; ``narrative`` the table row, or else the text, its entry
    points to. ``reason`` is why it was stopped or prescribed (the comment column of LDL-SES, or the coded reason);
    ``condition`` is when an ``as_needed`` drug is to be taken, if said; ``duration`` stands when no end date does.
    ``origin`` says how it was read: a coded entry, a row of a table, or words. For the last two, ``excerpt`` is the
    exact words, ``page`` (from 1) and ``places`` where they stand if they have a page, and ``doubts`` what the reader
    guessed, in French: empty when nothing was.
    """

    section: str
    name: str
    codes: tuple[Code, ...] = ()
    mood: str = "EVN"
    negated: bool = False
    start: str = ""
    end: str = ""
    dose: str = ""
    frequency: str = ""
    route: str = ""
    as_needed: bool = False
    reason: str = ""
    narrative: str = ""
    duration: str = ""
    condition: str = ""
    origin: Origin = "coded"
    moments: Moments = Moments()
    page: int | None = None
    excerpt: str = ""
    places: tuple[Place, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allergy:
    agent: str
    reaction: str = ""
    severity: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A disease, an antecedent or a risk. ``codes`` are CIM-10, SNOMED CT...; ``status`` is that of the concern around
    (active, completed...). Dates are ISO 8601 at the precision of the source.
    """

    label: str
    codes: tuple[Code, ...] = ()
    start: str = ""
    end: str = ""
    negated: bool = False
    status: str = ""
    section: str = ""
    narrative: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A medical device the patient bears or uses. ``codes`` are EMDN, CLADIMED, LPP; ``ids`` its unique identifiers."""

    label: str
    codes: tuple[Code, ...] = ()
    start: str = ""
    end: str = ""
    ids: tuple[Identifier, ...] = ()
    narrative: str = ""


@dataclass(frozen=True, slots=True)
class Carriage:
    """Multi-resistant or emerging bacteria (BMR, BHRe): whether they were ``searched`` (None: not said), and ``found``
    in the words of the letter (empty: none is told).
    """

    searched: bool | None = None
    found: str = ""


@dataclass(frozen=True, slots=True)
class RelatedDocument:
    """A document this one replaces (RPLC), completes (APND) or transforms (XFRM)."""

    relation: str
    id: Identifier
    set_id: Identifier | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class FollowUpItem:
    """An act, examination or encounter to come (18776-5). ``when`` is ISO 8601 at the precision of the source."""

    label: str
    when: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file carried inside the document; ``media_type`` is what its bytes are."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Contact:
    """A person close to the patient: legal guardian, « personne de confiance », person to warn.

    ``relation`` is in words; ``telecoms`` are as written, with their scheme (``tel:0326...``).
    """

    kind: ContactKind
    family: str = ""
    given: str = ""
    relation: str = ""
    telecoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Participant:
    """A professional who took part, other than the GP: who admitted, attended, discharged, or is kept informed."""

    function: Code
    person: Professional


@dataclass(frozen=True, slots=True)
class Around:
    """``health_address`` is the patient's own mailbox (Mon espace santé). Missing values are empty."""

    health_address: str = ""
    contacts: tuple[Contact, ...] = ()
    participants: tuple[Participant, ...] = ()
    orders: tuple[Identifier, ...] = ()
    encounter: Code = _NO_CODE
    facility: Code = _NO_CODE
    disposition: Code = _NO_CODE


@dataclass(frozen=True, slots=True)
class CdaDocument:
    """A CDA R2 document as read. Missing values are empty; ``notices`` say what was off.

    ``absences`` are what it states there is none of (``no-known-allergies``...), which is not the same as silence.
    """

    id: Identifier
    set_id: Identifier | None
    version: int
    type: Code
    title: str
    level: Level
    templates: tuple[Identifier, ...]
    effective_time: str
    confidentiality: tuple[str, ...]
    replaces: tuple[Identifier, ...]
    patient: Patient
    authors: tuple[Professional, ...]
    signed_by: Professional | None
    signed_at: str
    custodian: Organisation
    recipients: tuple[Professional, ...]
    gp: Professional | None
    stay_start: str
    stay_end: str
    sections: tuple[Section, ...]
    treatments: TreatmentReading
    medications: tuple[MedicationLine, ...]
    allergies: tuple[Allergy, ...]
    expected_results: tuple[str, ...]
    follow_up: tuple[FollowUpItem, ...]
    discharge_mode: str
    embedded: tuple[Embedded, ...]
    notices: tuple[Notice, ...] = ()
    stay_number: str = ""
    problems: tuple[Problem, ...] = ()
    devices: tuple[Device, ...] = ()
    absences: tuple[Code, ...] = ()
    carriage: Carriage = field(default_factory=Carriage)
    related: tuple[RelatedDocument, ...] = ()
    around: Around = field(default_factory=Around)


@dataclass(frozen=True, slots=True)
class DocumentHeader:
    """All that the header of a document to be written needs. Times are ISO 8601 with their zone."""

    id: Identifier
    set_id: Identifier
    version: int
    type: Code
    title: str
    effective_time: str
    patient: Patient
    author: Professional
    signed_by: Professional
    signed_at: str
    custodian: Organisation
    recipients: tuple[Professional, ...] = ()
    gp: Professional | None = None
    stay_start: str = ""
    stay_end: str = ""
    stay_number: str = ""
    replaces: Identifier | None = None
    facility_code: Code = Code("SA01", "1.2.250.1.71.4.2.4", "Etablissement Public de santé")
    practice_setting: Code = Code("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", "Etablissement de santé")


@dataclass(frozen=True, slots=True)
class DischargeLetter:
    """The content of a letter LDL-SES 2022.01 (level 3). ``discharge_mode`` is a Code of JDV_ModaliteSortie.

    The model has no section of ``problems``; it lets one stand beside its own.
    """

    header: DocumentHeader
    reason: str
    synthesis: str
    admission_mode: Code
    discharge_mode: Code
    at_discharge: tuple[MedicationLine, ...]
    stopped: tuple[MedicationLine, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    expected_results: tuple[str, ...] = ()
    follow_up: tuple[FollowUpItem, ...] = ()
    resistant_bacteria_searched: bool = False
    resistant_bacteria_found: str = ""
    transfusion: bool = False
    blood_products: bool = False
    problems: tuple[Problem, ...] = ()
    devices: tuple[Device, ...] = ()
