"""A message by the Référentiel socle MSSanté #2 (v1.0.1): each rule bears the id of its requirement (ECO)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.conformance.finding import Rule
from liaison.core.mail.leaves import TypedLeaf
from liaison.core.mail.mss import LABEL_CHARACTERS, PREFIX, read_mss_headers, read_subject, without_accents
from liaison.core.mail.values import Leaf, Mail
from liaison.core.media import PDF, XML, ZIP, is_cda
from liaison.core.people import Patient
from liaison.core.xdm.package import is_metadata

ARCHIVE_NAME = "IHE_XDM.ZIP"
_PDF_NAME = re.compile(r"\d{8}_[^_]+_[^_]+_[^_]+(_[^_]+)?\.pdf")
_ANSWER = re.compile(r"\s*(re|ré|réf?|aw)\s*:", re.IGNORECASE)
_UNICODE = frozenset({"", "utf-8", "utf8", "us-ascii"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is no report, its leaves with their charsets, and the CDAs it carries."""

    mail: Mail
    leaves: tuple[TypedLeaf, ...]
    documents: tuple[CdaDocument, ...]

    @property
    def archives(self) -> list[Leaf]:
        """The leaves that are XDM packages: zips that hold metadata."""
        holders = {leaf.path.rpartition("!")[0] for leaf in self.mail.leaves if "!" in leaf.path and _is_metadata(leaf)}
        return [leaf for leaf in self.mail.leaves if leaf.media_type == ZIP and leaf.path in holders]

    @property
    def pdfs(self) -> list[Leaf]:
        """The PDF a person can open without any software of the trade: those outside the archives."""
        return [leaf for leaf in self.mail.leaves if leaf.media_type == PDF and "!" not in leaf.path]

    @property
    def patients(self) -> set[tuple[str, str, str]]:
        return {_person(document.patient) for document in self.documents}


def letter_of(mail: Mail, leaves: tuple[TypedLeaf, ...]) -> Letter:
    """The message with its documents read; each CDA once, however often it is there."""
    found = {leaf.content: None for leaf in mail.leaves if leaf.media_type == XML and is_cda(leaf.content)}
    read = map(read_cda, found)
    return Letter(mail, leaves, tuple(each for each in read if isinstance(each, CdaDocument)))


def _is_metadata(leaf: Leaf) -> bool:
    return is_metadata(leaf.path.rpartition("!")[2])


def _person(patient: Patient) -> tuple[str, str, str]:
    return patient.ins, patient.birth_family, patient.birth_date


def with_documents(broken: Callable[[Letter], bool], place: str) -> Callable[[Letter], Iterator[str]]:
    """A rule that speaks only of messages that carry a CDA."""

    def broken_at(letter: Letter) -> Iterator[str]:
        if letter.documents and broken(letter):
            yield place

    return broken_at


def always(broken: Callable[[Letter], bool], place: str) -> Callable[[Letter], Iterator[str]]:
    def broken_at(letter: Letter) -> Iterator[str]:
        if broken(letter):
            yield place

    return broken_at


def misnamed_archives(letter: Letter) -> Iterator[str]:
    return (leaf.path for leaf in letter.archives if leaf.name.upper() != ARCHIVE_NAME)


def misnamed_pdfs(letter: Letter) -> Iterator[str]:
    if letter.documents:
        yield from (leaf.path for leaf in letter.pdfs if not _PDF_NAME.fullmatch(leaf.name))


def embedded_elsewhere(letter: Letter) -> Iterator[str]:
    """A level 1 document whose PDF is not, byte for byte, one of those attached."""
    attached = {leaf.content for leaf in letter.pdfs}
    for number, document in enumerate(letter.documents, start=1):
        inside = {file.content for file in document.embedded if file.media_type == PDF}
        if document.level == 1 and inside and attached and not inside & attached:
            yield f"document {number}"


def has_wrong_form(letter: Letter) -> bool:
    return not letter.mail.subject.startswith(f"{PREFIX}+")


def has_other_label(letter: Letter) -> bool:
    """One document is named by the label of its code, cut at 40 characters; several are counted."""
    subject = read_subject(letter.mail.subject)
    if not subject.documents:
        return False
    if len(letter.documents) > 1:
        return subject.documents != len(letter.documents)
    label = letter.documents[0].type.label[:LABEL_CHARACTERS].strip()
    return bool(label) and not letter.mail.subject.removeprefix(f"{PREFIX}+").startswith(label)


def has_other_name(letter: Letter) -> bool:
    """The birth family name in capitals and the first given name, both without accents, stand in the subject."""
    patient = letter.documents[0].patient
    names = (without_accents(patient.birth_family).upper(), without_accents(patient.birth_given))
    return read_subject(letter.mail.subject).documents > 0 and any(name not in letter.mail.subject for name in names)


def other_charsets(letter: Letter) -> Iterator[str]:
    for each in letter.leaves:
        if each.leaf.declared_type.startswith("text/") and each.charset.lower() not in _UNICODE:
            yield each.leaf.path


def has_no_plain_text(letter: Letter) -> bool:
    return bool(letter.mail.body) and not any(leaf.declared_type == "text/plain" for leaf in letter.mail.leaves)


def answers_without_thread(letter: Letter) -> bool:
    return bool(_ANSWER.match(letter.mail.subject)) and not letter.mail.in_reply_to


def threads_by_half(letter: Letter) -> bool:
    return bool(letter.mail.in_reply_to) != bool(letter.mail.references)


def has_no_codes(letter: Letter) -> bool:
    return not read_mss_headers(letter.mail.mss_headers).codes


def has_other_codes(letter: Letter) -> bool:
    said = read_mss_headers(letter.mail.mss_headers).codes
    return bool(said) and set(said) != {document.type.code for document in letter.documents}


def has_codes_of_nothing(letter: Letter) -> bool:
    return not letter.documents and bool(read_mss_headers(letter.mail.mss_headers).codes)


def has_no_ins_flag(letter: Letter) -> bool:
    return read_mss_headers(letter.mail.mss_headers).qualified_ins is None


def has_ins_of_nothing(letter: Letter) -> bool:
    return not letter.documents and any(name == "X-MSS-INS" for name, _ in letter.mail.mss_headers)


def boasts_an_ins(letter: Letter) -> bool:
    said = read_mss_headers(letter.mail.mss_headers).qualified_ins
    return bool(said) and not all(document.patient.ins for document in letter.documents)


def has_no_product(letter: Letter) -> bool:
    return not read_mss_headers(letter.mail.mss_headers).product


MESSAGE_RULES: tuple[Rule[Letter], ...] = (
    Rule(
        "ECO.2.1.1-USAGER",
        "error",
        "Le message porte les documents de plusieurs personnes.",
        with_documents(lambda letter: len(letter.patients) > 1, "pièces jointes"),
    ),
    Rule(
        "ECO.2.1.1-XDM",
        "error",
        "Le message porte un document structuré hors d'une archive IHE_XDM.",
        with_documents(lambda letter: not letter.archives, "pièces jointes"),
    ),
    Rule("ECO.2.1.1-NAME", "warning", "L'archive du message ne s'appelle pas IHE_XDM.zip.", misnamed_archives),
    Rule(
        "ECO.2.1.1-PDF",
        "error",
        "Le message n'a pas un PDF lisible par document structuré.",
        with_documents(lambda letter: len(letter.pdfs) < len(letter.documents), "pièces jointes"),
    ),
    Rule(
        "ECO.2.1.3",
        "error",
        "L'objet n'a pas la forme XDM/1.0/DDM+<libellé> <NOM> <prénom> <date>.",
        with_documents(has_wrong_form, "Subject"),
    ),
    Rule(
        "ECO.2.1.3-LABEL",
        "warning",
        "L'objet ne dit pas le libellé du document, ou le nombre des documents.",
        with_documents(has_other_label, "Subject"),
    ),
    Rule(
        "ECO.2.1.3-NAME",
        "warning",
        "L'objet ne dit pas le nom de naissance en capitales et le prénom, sans accents.",
        with_documents(has_other_name, "Subject"),
    ),
    Rule("ECO.2.1.5", "error", "Le PDF joint n'est pas celui que porte le document.", embedded_elsewhere),
    Rule("ECO.2.1.6", "warning", "Le nom d'un PDF n'a pas la forme <date>_<type>_<NOM>_<prénom>.pdf.", misnamed_pdfs),
    Rule(
        "ECO.2.2.1",
        "error",
        "Le message n'a pas de Message-ID.",
        always(lambda letter: not letter.mail.message_id, "Message-ID"),
    ),
    Rule(
        "ECO.2.2.2",
        "warning",
        "Le message est une réponse qui ne dit pas à quel message.",
        always(answers_without_thread, "In-Reply-To"),
    ),
    Rule(
        "ECO.2.2.2-REFERENCES",
        "error",
        "In-Reply-To et References ne vont pas l'un sans l'autre.",
        always(threads_by_half, "References"),
    ),
    Rule("ECO.2.2.3", "error", "Un texte du message n'est pas en UTF-8.", other_charsets),
    Rule(
        "ECO.2.2.4",
        "error",
        "Le message n'a pas son texte en text/plain.",
        always(has_no_plain_text, "corps du message"),
    ),
    Rule(
        "ECO.2.2.7",
        "warning",
        "L'expéditeur n'a pas de libellé.",
        always(lambda letter: not letter.mail.sender.label, "From"),
    ),
    Rule(
        "ECO.2.3.2",
        "note",
        "Le message ne demande pas d'accusé de lecture.",
        with_documents(lambda letter: not letter.mail.requests_mdn, "Disposition-Notification-To"),
    ),
    Rule(
        "ECO.2.4.1",
        "error",
        "Le message ne dit pas les codes de ses documents (X-MSS-CODECDA).",
        with_documents(has_no_codes, "X-MSS-CODECDA"),
    ),
    Rule(
        "ECO.2.4.1-CODES",
        "error",
        "Les codes annoncés ne sont pas ceux des documents.",
        with_documents(has_other_codes, "X-MSS-CODECDA"),
    ),
    Rule(
        "ECO.2.4.1-NOTHING",
        "error",
        "Le message annonce des codes sans porter de document.",
        always(has_codes_of_nothing, "X-MSS-CODECDA"),
    ),
    Rule(
        "ECO.2.4.2",
        "error",
        "Le message ne dit pas si l'INS est qualifié (X-MSS-INS, O ou N).",
        with_documents(has_no_ins_flag, "X-MSS-INS"),
    ),
    Rule(
        "ECO.2.4.2-INS",
        "error",
        "Le message annonce un INS qualifié qu'un document n'a pas.",
        with_documents(boasts_an_ins, "X-MSS-INS"),
    ),
    Rule(
        "ECO.2.4.2-NOTHING",
        "error",
        "Le message parle d'INS sans porter de document.",
        always(has_ins_of_nothing, "X-MSS-INS"),
    ),
    Rule(
        "ECO.2.4.3",
        "error",
        "Le message ne dit pas quel logiciel l'envoie (X-MSS-NIL).",
        always(has_no_product, "X-MSS-NIL"),
    ),
)
