"""The two documents a hospital signs: the letter LDL-SES (level 3) and any file under a CDA header (level 1)."""

from base64 import b64encode

from liaison.core.cda.build_header import clinical_document
from liaison.core.cda.build_sections import LetterSections
from liaison.core.cda.markup import serialized, written
from liaison.core.cda.terms import TEMPLATE_DISCHARGE_LETTER, TEMPLATE_UNSTRUCTURED
from liaison.core.cda.values import DischargeLetter, DocumentHeader
from liaison.core.people import Identifier


def build_discharge_letter(letter: DischargeLetter) -> bytes:
    """A letter LDL-SES 2022.01 in UTF-8 (CI-SIS, template 1.2.250.1.213.1.1.1.29), narrative and coded entries.

    Follows « structuration minimale » for the header. The reason why a treatment was stopped stands in the comment
    column of section 18610-6, the only place the model has for it. Characters XML cannot hold are dropped.
    """
    sections = (written("component", section) for section in LetterSections(letter).build())
    body = written("structuredBody", *sections)
    model = Identifier(TEMPLATE_DISCHARGE_LETTER, "2022.01")
    return serialized(clinical_document(letter.header, (model,), body))


def build_level1(header: DocumentHeader, body: bytes, media_type: str) -> bytes:
    """A CDA R2 N1 in UTF-8 around one file, in base64 (IHE XDS-SD, template 1.3.6.1.4.1.19376.1.2.20)."""
    text = written("text", b64encode(body).decode("ascii"), mediaType=media_type, representation="B64")
    content = written("nonXMLBody", text)
    return serialized(clinical_document(header, (Identifier(TEMPLATE_UNSTRUCTURED),), content))
