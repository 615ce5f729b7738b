"""What a hospital sends is what MSSanté asks for, and what the product reads."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.contradictions import CONTRADICTIONS
from liaison.core.mail.message import read_mail
from liaison.core.mail.mss import read_mss_headers, read_subject
from liaison.core.mail.values import Leaf, Mail
from liaison.core.media import PDF, ZIP
from liaison.core.notices import Unreadable
from liaison.core.pdf.text import read_pdf
from liaison.core.pdf.values import PdfText
from liaison.core.people import INS_TEST, Identifier
from liaison.core.reading import read_message
from liaison.core.xdm.package import read_package
from liaison.core.xdm.values import Package
from liaison.demo.hospital import FLAWS, Flaw, Kind, Sending, compose_flawed, compose_sending
from liaison.demo.identity_cases import IDENTITY_CASES, IdentityCase
from liaison.demo.pki import Authority, ensure_authority
from liaison.demo.world import build_world
from liaison.demo.world.residents import REMARKABLE

WORLD = build_world()
NOW = datetime.now(ZoneInfo("Europe/Paris")).replace(microsecond=0)
RESIDENT = WORLD.residents[4]
KINDS: tuple[Kind, ...] = ("LDL", "CRH")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return ensure_authority(tmp_path_factory.mktemp("pki"))


def attached(mail: Mail, media_type: str) -> Leaf:
    return next(leaf for leaf in mail.leaves if leaf.media_type == media_type and "!" not in leaf.path)


def package_of(mail: Mail) -> Package:
    package = read_package(attached(mail, ZIP).content)
    assert isinstance(package, Package)
    return package


def document_of(mail: Mail) -> CdaDocument:
    document = read_cda(package_of(mail).documents[0].content)
    assert isinstance(document, CdaDocument)
    return document


def pdf_of(mail: Mail, authority: Authority) -> PdfText:
    read = read_pdf(attached(mail, PDF).content, trusted=(authority.certificate.read_bytes(),))
    assert isinstance(read, PdfText)
    return read


@pytest.mark.parametrize("kind", KINDS)
def test_the_mail_is_as_mssante_asks(authority: Authority, kind: Kind) -> None:
    sending = compose_sending(WORLD, RESIDENT, kind=kind, now=NOW, authority=authority)
    mail = read_mail(sending.raw)
    assert mail.message_id == sending.message_id
    assert mail.category == "clinical"
    assert mail.disposition_notification_to == mail.sender.email == sending.sender
    assert mail.date == NOW
    assert mail.notices == ()
    subject = read_subject(mail.subject)
    assert (subject.family, subject.given, subject.birth_date) == ("CASANOVA", "LETIZIA", "1940-09-08")
    said = read_mss_headers(mail.mss_headers)
    assert said.codes == ({"LDL": "11490-0", "CRH": "34112-3"}[kind],)
    assert said.qualified_ins
    assert said.product
    assert attached(mail, ZIP).name == "IHE_XDM.ZIP"
    assert attached(mail, PDF).name.startswith(f"{NOW:%Y%m%d}_")
    assert attached(mail, PDF).name.endswith("_CASANOVA_LETIZIA.pdf")


@pytest.mark.parametrize("kind", KINDS)
def test_the_archive_names_the_patient_as_the_document_does(authority: Authority, kind: Kind) -> None:
    mail = read_mail(compose_sending(WORLD, RESIDENT, kind=kind, now=NOW, authority=authority).raw)
    package = package_of(mail)
    assert package.notices == ()
    assert [document.notices for document in package.documents] == [()]
    assert package.patient_ids == (Identifier(INS_TEST, RESIDENT.ins),)
    document = document_of(mail)
    assert (document.patient.ins, document.patient.birth_place) == (RESIDENT.ins, "2A004")
    assert document.notices == ()
    assert document.level == {"LDL": 3, "CRH": 1}[kind]
    assert document.gp == WORLD.doctor(RESIDENT.gp).professional
    assert document.signed_by == document.authors[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_pdf_is_signed_by_the_doctor_and_claims_pdf_a_1(authority: Authority, kind: Kind) -> None:
    mail = read_mail(compose_sending(WORLD, RESIDENT, kind=kind, now=NOW, authority=authority).raw)
    pdf = pdf_of(mail, authority)
    signature = pdf.signatures[0]
    assert (signature.intact, signature.trusted) == (True, True)
    signed_by = document_of(mail).signed_by
    assert signed_by is not None
    assert signed_by.family in signature.signer
    assert b"<pdfaid:part>1</pdfaid:part>" in attached(mail, PDF).content
    assert "LETIZIA MARIA" in pdf.text


def test_the_pdf_of_a_report_is_the_one_inside_its_document(authority: Authority) -> None:
    mail = read_mail(compose_sending(WORLD, RESIDENT, kind="CRH", now=NOW, authority=authority).raw)
    assert [each.content for each in document_of(mail).embedded] == [attached(mail, PDF).content]


def test_the_pdf_of_a_letter_says_every_treatment_of_the_document(authority: Authority) -> None:
    mail = read_mail(compose_sending(WORLD, RESIDENT, kind="LDL", now=NOW, authority=authority).raw)
    words = " ".join(pdf_of(mail, authority).text.split())
    assert document_of(mail).medications
    for line in document_of(mail).medications:
        assert line.name.split()[0] in words


@pytest.mark.parametrize("case", IDENTITY_CASES)
def test_the_header_says_o_only_of_a_whole_ins(authority: Authority, case: IdentityCase) -> None:
    mail = read_mail(compose_sending(WORLD, RESIDENT, kind="CRH", case=case, now=NOW, authority=authority).raw)
    assert read_mss_headers(mail.mss_headers).qualified_ins == (case not in ("no_ins", "incomplete_ins"))
    patient = document_of(mail).patient
    assert bool(patient.ins) == (case != "no_ins")
    assert (patient.ins == RESIDENT.ins) == (case not in ("no_ins", "unknown"))


def test_a_letter_of_another_site_goes_to_that_site_or_to_jean_dorbais(authority: Authority) -> None:
    at_coteaux, elsewhere = (WORLD.residents_of(site)[0] for site in WORLD.sites[1:3])
    sent = [
        compose_sending(WORLD, each, kind="CRH", now=NOW, authority=authority).recipient
        for each in (RESIDENT, at_coteaux, elsewhere)
    ]
    home, coteaux = "secretariat.jean-dorbais@btprms.mssante.fr", "secretariat.coteaux@btprms.mssante.fr"
    assert sent == [home, coteaux, home]


def test_two_sendings_never_share_a_message_id(authority: Authority) -> None:
    sendings: list[Sending] = [
        compose_sending(WORLD, RESIDENT, kind=kind, case=case, now=NOW, authority=authority, number=number)
        for kind in KINDS
        for case in ("certain", "no_ins")
        for number in (0, 1)
    ]
    sendings += [compose_flawed(WORLD, RESIDENT, flaw=flaw, now=NOW, authority=authority) for flaw in FLAWS[2:]]
    assert len({sending.message_id for sending in sendings}) == len(sendings)


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flawed_sending_is_still_a_mail(authority: Authority, flaw: Flaw) -> None:
    sending = compose_flawed(WORLD, RESIDENT, flaw=flaw, now=NOW, authority=authority)
    mail = read_mail(sending.raw)
    assert mail.message_id == sending.message_id
    assert mail.sender.email == sending.sender


def flawed(flaw: Flaw, authority: Authority) -> Mail:
    return read_mail(compose_flawed(WORLD, RESIDENT, flaw=flaw, now=NOW, authority=authority).raw)


def test_the_unreadable_archive_cannot_be_read(authority: Authority) -> None:
    assert isinstance(read_package(attached(flawed("unreadable_zip", authority), ZIP).content), Unreadable)


def test_the_document_that_is_not_xml_sits_in_a_sound_archive(authority: Authority) -> None:
    package = package_of(flawed("not_xml", authority))
    assert isinstance(read_cda(package.documents[0].content), Unreadable)
    assert package.documents[0].notices == ()


def test_the_other_flaws_are_what_they_say(authority: Authority) -> None:
    assert flawed("empty", authority).body.strip() == flawed("empty", authority).subject == ""
    assert [leaf.media_type for leaf in flawed("no_attachment", authority).leaves] == ["text/plain"]
    assert [leaf.media_type for leaf in flawed("pdf_alone", authority).leaves] == ["text/plain", PDF]
    domain = flawed("unknown_domain", authority).sender.email.partition("@")[2]
    assert not any(domain in operator.domains for operator in WORLD.operators)


@pytest.mark.parametrize("number", range(len(REMARKABLE)))
def test_a_right_letter_contradicts_nothing_whatever_the_shape_of_the_name(authority: Authority, number: int) -> None:
    sending = compose_sending(WORLD, WORLD.residents[number], kind="LDL", now=NOW, authority=authority)
    reading = read_message(sending.raw)
    said = [*reading.notices, *(notice for document in reading.documents for notice in document.notices)]
    assert CONTRADICTIONS.isdisjoint(notice.code for notice in said)
