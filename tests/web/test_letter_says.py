"""What the letter says, on the record's screen and against the decree, with the act that asks for what lacks."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer
from liaison.apps.filing.actions import do_file
from liaison.apps.intake.models import Document
from liaison.apps.treatments.text_reading import do_read_text
from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.values import (
    SECTION_ALLERGIES,
    SECTION_DEVICES,
    SECTION_DISCHARGE,
    SECTION_EXPECTED_RESULTS,
    SECTION_FOLLOW_UP,
    SECTION_PROBLEMS,
    SECTION_REASON,
    SECTION_SYNTHESIS,
    Allergy,
    Device,
    FollowUpItem,
    Problem,
)
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Attachment
from liaison.core.pdf.values import LetterSection
from tests.apps.test_text_reading import a_pdf
from tests.support import factories
from tests.support.letters import drug, letter_value, patient_of, sending
from tests.web.conftest import House, Visitor


def letter(house: House, **changes: object) -> Document:
    patient = patient_of(house.resident)
    raw = sending(patient, build_discharge_letter(replace(letter_value(patient), **changes)))
    return house.receive(raw).documents.get()


def page_of(browser: Visitor, document: Document) -> str:
    return browser.get(reverse("document", args=[document.uuid])).content.decode()


def test_the_record_flags_carriage_and_names_its_source(house: House, nurse: Visitor) -> None:
    found = letter(
        house,
        resistant_bacteria_searched=True,
        resistant_bacteria_found="E. coli BLSE",
        devices=(Device("Stimulateur cardiaque"),),
    )
    do_file(found, resident=house.resident, user=house.secretary)
    page = nurse.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert "Portage BMR/BHRe signalé" in page
    assert "E. coli BLSE" in page
    assert "Stimulateur cardiaque" in page
    said = page[page.index("Ce que disent les lettres") :]
    assert reverse("document", args=[found.uuid]) in said[: said.index("</section>")]


def test_everything_a_structured_letter_wrote_leads_to_its_place_in_it(house: House, secretary: Visitor) -> None:
    found = letter(
        house,
        resistant_bacteria_searched=True,
        resistant_bacteria_found="E. coli BLSE",
        devices=(Device("Stimulateur cardiaque"),),
        problems=(Problem("Insuffisance cardiaque"),),
        expected_results=("Électrophorèse",),
        follow_up=(FollowUpItem("Consultation de cardiologie", "2026-04-15"),),
        at_discharge=(drug("RAMIPRIL 5 mg"),),
        allergies=(Allergy("Pénicilline"),),
    )
    do_file(found, resident=house.resident, user=house.secretary)
    record = secretary.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    deciding = secretary.get(reverse("reconciliation", args=[found.reconciliations.get().uuid])).content.decode()
    document = page_of(secretary, found)
    places = set(re.findall(rf'href="/documents/{found.uuid}/#([^"]+)"', record + deciding))
    assert places >= {"apropos-titre"} | {
        f"section-{code}"
        for code in (
            SECTION_REASON,
            SECTION_SYNTHESIS,
            SECTION_ALLERGIES,
            SECTION_PROBLEMS,
            SECTION_DEVICES,
            SECTION_EXPECTED_RESULTS,
            SECTION_FOLLOW_UP,
            SECTION_DISCHARGE,
        )
    }
    assert [place for place in places if f'id="{place}"' not in document] == []


def test_a_treatment_said_unchanged_is_told_where_the_doctor_decides(house: House, secretary: Visitor) -> None:
    factories.take(house.resident, "FUROSEMIDE 40 mg", dose="1 cp")
    pdf = a_pdf(LetterSection("Conclusion", ("Traitement de sortie : sans changement",)))
    attachment = Attachment("cr.pdf", "application/pdf", pdf)
    found = house.receive(sending(patient_of(house.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(found)
    do_file(found, resident=house.resident, user=house.secretary)
    for path in (
        reverse("document", args=[found.uuid]),
        reverse("reconciliation", args=[found.reconciliations.get().uuid]),
    ):
        shown = secretary.get(path).content.decode()
        assert "elle le dit inchangé (« Traitement de sortie : sans changement »)" in shown
        assert "Aucun traitement n'a été reconnu" not in shown
        assert "Lignes codées par l" not in shown


def test_a_record_without_carriage_shows_no_flag(house: House, nurse: Visitor) -> None:
    do_file(letter(house), resident=house.resident, user=house.secretary)
    page = nurse.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert "Portage BMR/BHRe signalé" not in page
    assert "EHPAD" in page


def test_what_the_decree_wants_and_the_letter_lacks_is_asked_in_one_act(house: House, secretary: Visitor) -> None:
    document = letter(house, follow_up=())
    page = page_of(secretary, document)
    assert "La lettre ne dit rien des suites à donner." in page
    address = reverse("document-ask", args=[document.uuid])
    assert address in page
    shown = secretary.post(address, follow=True).content.decode()
    assert "La demande de complément part" in shown
    assert "Complément demandé à l&#x27;expéditeur le" in shown or "Complément demandé à l'expéditeur le" in shown
    assert address not in shown
    assert Answer.objects.get(original=document.message).kind == Answer.Kind.REQUEST


def test_a_nurse_sees_the_checklist_and_asks_nothing(house: House, nurse: Visitor) -> None:
    document = letter(house, follow_up=())
    do_file(document, resident=house.resident, user=house.secretary)
    page = page_of(nurse, document)
    assert "Ce que le décret demande à la lettre" in page
    assert reverse("document-ask", args=[document.uuid]) not in page
    refused = nurse.post(reverse("document-ask", args=[document.uuid]), follow=True).content.decode()
    assert "titulaires de la boîte" in refused
    assert not Answer.objects.filter(kind=Answer.Kind.REQUEST).exists()


def bare_pdf(house: House) -> Document:
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf())
    return house.receive(sending(patient_of(house.resident), b"", attachments=(attachment,))).documents.get()


def test_a_letter_the_software_cannot_check_is_checked_by_a_person_and_asked_for_in_one_act(
    house: House, secretary: Visitor
) -> None:
    document = bare_pdf(house)
    page = page_of(secretary, document)
    assert "Cochez ce que vous n'y trouvez pas" in page
    assert page.count('name="manque"') == 9
    shown = secretary.post(reverse("document-ask", args=[document.uuid]), {"manque": ["7", "8"]}, follow=True)
    assert "La demande de complément part" in shown.content.decode()
    asked = store.get(Answer.objects.get(original=document.message).blob).decode()
    body = read_mail(asked.encode()).body
    assert "- Les résultats attendus" in body
    assert "- Les suites à donner" in body
    assert "- Les allergies" not in body


@pytest.mark.parametrize("ticked", [[], ["99"], ["-1"], ["x"]])
def test_nothing_ticked_asks_for_nothing(house: House, secretary: Visitor, ticked: list[str]) -> None:
    document = bare_pdf(house)
    shown = secretary.post(reverse("document-ask", args=[document.uuid]), {"manque": ticked}, follow=True)
    assert "Il ne manque rien à cette lettre" in shown.content.decode()
    assert not Answer.objects.exists()
