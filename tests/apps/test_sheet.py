"""The home's return sheet: beside the hospital's documents, readable by any doctor and by his software."""

import pytest
from tests.support import factories
from tests.support.desk import Desk
from tests.support.letters import drug

from liaison.apps.blobs import store
from liaison.apps.exchanges.compose import attachments_of
from liaison.apps.exchanges.models import Recipient
from liaison.apps.exchanges.sheet import sheet_attachments, sheet_pdf
from liaison.core.cda.values import CdaDocument
from liaison.core.conformance.check import check
from liaison.core.mail.message import read_mail
from liaison.core.pdf.text import read_pdf
from liaison.core.pdf.values import PdfText
from liaison.core.reading import read_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipient(desk: Desk) -> Recipient:
    factories.take(desk.resident, "AMLODIPINE 10 mg", dose="1 cp", frequency="le matin")
    factories.take(desk.resident, "PARACETAMOL 1 g", dose="1 cp", frequency="si douleur")
    sent = desk.sent(
        at_discharge=(drug("AMLODIPINE 5 mg", frequency="le soir"), drug("APIXABAN 2,5 mg", frequency="matin et soir"))
    )
    sent.transmission.note = "Chute la nuit dernière, à revoir."
    sent.transmission.save()
    return sent


def text_of(pdf: bytes) -> str:
    read = read_pdf(pdf)
    assert isinstance(read, PdfText)
    return " ".join(read.text.replace("’", "'").split())


def test_what_the_hospital_sent_goes_unchanged_and_the_sheet_beside_it(recipient: Recipient, desk: Desk) -> None:
    document = recipient.transmission.document
    leaves = read_mail(store.get(recipient.blob)).leaves
    contents = {leaf.content for leaf in leaves}
    for each in attachments_of(document, desk.resident):
        assert each.content in contents
    names = [leaf.name for leaf in leaves if leaf.name.upper().endswith(".ZIP")]
    assert sorted(name for name in names if "!" not in name) or leaves
    assert any("FICHE" in leaf.path.upper() or "FICHE" in leaf.name.upper() for leaf in leaves)


def test_the_sheet_says_both_lists_what_changes_and_what_is_asked(recipient: Recipient) -> None:
    said = text_of(sheet_pdf(recipient.transmission))
    for words in (
        "Fiche de retour d'hospitalisation",
        "AMLODIPINE 10 mg",
        "AMLODIPINE 5 mg",
        "APIXABAN 2,5 mg",
        "PARACETAMOL",
        "non mentionné",
        "Ce qui vous est demandé",
        "À RISQUE",
        "Chute la nuit dernière",
        recipient.transmission.resident.birth_family,
    ):
        assert words in said, words


def test_the_sheet_is_the_same_for_every_recipient(recipient: Recipient) -> None:
    first = sheet_attachments(recipient.transmission, beside_package=True)
    again = sheet_attachments(recipient.transmission, beside_package=True)
    assert [each.content for each in first] == [each.content for each in again]


def test_a_software_reads_the_sheet_as_a_level_1_document_of_the_same_person(recipient: Recipient, desk: Desk) -> None:
    reading = read_message(store.get(recipient.blob))
    (sheet,) = [each.cda for each in reading.documents if each.cda and each.cda.title.startswith("Fiche de retour")]
    assert isinstance(sheet, CdaDocument)
    assert (sheet.level, sheet.patient.birth_family) == (1, desk.resident.birth_family)
    assert [each.media_type for each in sheet.embedded] == ["application/pdf"]
    assert "Ce qui vous est demandé" in text_of(sheet.embedded[0].content)


def test_the_sheet_and_its_package_break_none_of_our_rules(recipient: Recipient) -> None:
    pdf, package = sheet_attachments(recipient.transmission, beside_package=True)
    for each in (pdf, package):
        grave = [finding for finding in check(each.name, each.content) if finding.severity == "error"]
        assert grave == []
