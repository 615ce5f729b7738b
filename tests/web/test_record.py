"""A document is read, compared, filed, withdrawn, set aside; a resident's record shows what was filed."""

from dataclasses import replace

from django.urls import reverse

from liaison.apps.audit.models import Entry
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document
from liaison.apps.residents.identity import do_change_identity
from liaison.apps.residents.models import Source
from tests.support import factories
from tests.web import letters
from tests.web.conftest import House, Visitor

PNG = b"\x89PNG\r\n\x1a\n"


def page_of(browser: Visitor, document: Document, **query: str) -> str:
    return browser.get(reverse("document", args=[document.uuid]), query).content.decode()


def test_a_certain_letter_is_filed_in_one_act(house: House, secretary: Visitor) -> None:
    document = house.letter()
    page = page_of(secretary, document)
    assert "Règle 1." in page
    assert "Intégrer au dossier de LEFÈVRE SUZANNE" in page
    address = reverse("document-file", args=[document.uuid])
    shown = secretary.post(address, {"resident": str(house.resident.uuid)}, follow=True).content.decode()
    assert "Document intégré au dossier de LEFÈVRE SUZANNE." in shown
    assert f"Par {house.secretary}" in shown
    assert Filing.objects.get(document=document).filed_by == house.secretary


def test_a_trait_that_differs_is_said_in_words_beside_both_values(house: House, secretary: Visitor) -> None:
    claim = replace(letters.patient_of_resident(house.resident), birth_date="1938-04-21")
    raw = letters.hospital_message(claim, recipient=house.mailbox.address, with_pdf=False)
    page = page_of(secretary, house.receive(raw).documents.get())
    row = page[page.index("Date de naissance</th>") :]
    row = row[: row.index("</tr>")]
    assert "21/04/1938" in row
    assert "12/04/1938" in row
    assert "différent" in row
    assert "Règle 2." in page


def test_without_ins_the_person_searches_compares_and_files(house: House, secretary: Visitor) -> None:
    claim = letters.without_ins(letters.patient_of_resident(house.resident))
    raw = letters.hospital_message(claim, recipient=house.mailbox.address, with_pdf=False)
    document = house.receive(raw).documents.get()
    assert "Intégrer au dossier" not in page_of(secretary, document)
    found = secretary.post(
        reverse("document-search", args=[document.uuid]), {"texte": "lefe"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert found.startswith('<div id="residents-trouves"')
    assert f"?resident={house.resident.uuid}" in found
    compared = page_of(secretary, document, resident=str(house.resident.uuid))
    assert "absent du document" in compared
    assert "Intégrer au dossier de LEFÈVRE SUZANNE" in compared


def test_the_search_works_without_javascript(house: House, secretary: Visitor) -> None:
    document = house.letter(with_pdf=False)
    page = secretary.post(reverse("document-search", args=[document.uuid]), {"texte": "12/04/1938"}).content.decode()
    assert "<html" in page
    assert "1 résident trouvé" in page


def test_the_search_never_leaves_the_site_of_the_document(house: House, secretary: Visitor) -> None:
    elsewhere = factories.make_site("Ailleurs")
    factories.make_resident(elsewhere, birth_family="LEFÈBVRE")
    document = house.letter(with_pdf=False)
    page = secretary.post(reverse("document-search", args=[document.uuid]), {"texte": "lef"}).content.decode()
    assert "LEFÈBVRE" not in page


def test_a_second_click_is_refused_in_its_own_words(house: House, secretary: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    address = reverse("document-file", args=[document.uuid])
    page = secretary.post(address, {"resident": str(house.resident.uuid)}, follow=True).content.decode()
    assert "Ce document est déjà intégré à un dossier." in page
    assert Filing.objects.count() == 1


def test_a_filed_document_is_withdrawn_with_its_reason_and_never_without(house: House, secretary: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    address = reverse("document-unfile", args=[document.uuid])
    refused = secretary.post(address, {"motif": "  "}, follow=True).content.decode()
    assert "Dites pourquoi" in refused
    page = secretary.post(address, {"motif": "Homonyme"}, follow=True).content.decode()
    assert "Document retiré du dossier" in page
    assert "Homonyme" in page
    assert not Filing.objects.filter(withdrawn_at__isnull=True).exists()


def test_a_document_is_set_aside_with_its_reason(house: House, secretary: Visitor) -> None:
    document = house.letter(with_pdf=False)
    address = reverse("document-set-aside", args=[document.uuid])
    page = secretary.post(address, {"motif": "Pas un résident"}, follow=True).content.decode()
    assert "Document écarté" in page
    assert "Pas un résident" in page
    document.refresh_from_db()
    assert document.state == Document.State.SET_ASIDE


def test_a_nurse_reads_and_is_told_who_files(house: House, nurse: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    page = page_of(nurse, document)
    assert "Retirer du dossier" not in page
    refused = nurse.post(reverse("document-unfile", args=[document.uuid]), {"motif": "essai"}, follow=True)
    assert "Votre rôle ne permet pas" in refused.content.decode()


def test_the_pages_of_the_pdf_are_images_and_the_original_is_a_traced_download(
    house: House, secretary: Visitor
) -> None:
    document = house.letter()
    image = secretary.get(reverse("document-page", args=[document.uuid, 1]))
    assert image.headers["Content-Type"] == "image/png"
    assert image.content.startswith(PNG)
    assert secretary.get(reverse("document-page", args=[document.uuid, 99])).status_code == 404
    original = secretary.get(reverse("document-pdf", args=[document.uuid]))
    assert original.content.startswith(b"%PDF-")
    assert original.headers["Content-Disposition"] == f'attachment; filename="document-{str(document.uuid)[:8]}.pdf"'
    assert Entry.objects.filter(action="downloaded", user=house.secretary).count() == 1


def test_opening_a_document_is_written_in_the_journal(house: House, secretary: Visitor) -> None:
    document = house.letter(with_pdf=False)
    page_of(secretary, document)
    assert Entry.objects.filter(action="viewed", subject_id=str(document.uuid), user=house.secretary).count() == 1


def test_the_list_of_residents_is_searched_by_name_room_and_date_without_a_name_in_the_address(
    house: House, nurse: Visitor
) -> None:
    factories.make_resident(house.site, birth_family="MARTIN", birth_given="JEAN", birth_date="1934-06-05", room="7")
    for text in ("mar je", "7", "05/06/1934"):
        found = nurse.post("/residents/", {"texte": text}, headers={"HX-Request": "true"}).content.decode()
        assert found.startswith("<section")
        assert "MARTIN JEAN" in found
        assert "LEFÈVRE" not in found
    assert "2 résidents" in nurse.get("/residents/?texte=martin").content.decode()


def test_the_record_shows_what_the_letter_brought_and_its_acts(house: House, nurse: Visitor) -> None:
    house.filed_letter(with_pdf=False)
    address = reverse("resident", args=[house.resident.uuid])
    page = nurse.get(address).content.decode()
    for words in ("Pénicilline", "Ionogramme", "Consultation de cardiologie", "02/04/2026", "CHU de Reims"):
        assert words in page
    allergy, task = house.resident.allergies.get(), house.resident.follow_up_tasks.first()
    confirmed = nurse.post(reverse("allergy-confirm", args=[house.resident.uuid, allergy.pk]), follow=True)
    assert f"par {house.nurse} le" in confirmed.content.decode()
    nurse.post(reverse("task-complete", args=[task.pk]))
    task.refresh_from_db()
    assert task.done_by == house.nurse
    again = nurse.post(reverse("task-complete", args=[task.pk]), follow=True)
    assert "Cette suite est déjà faite." in again.content.decode()


def test_an_allergy_of_one_record_is_not_confirmed_through_another(house: House, nurse: Visitor) -> None:
    house.filed_letter(with_pdf=False)
    other = factories.make_resident(house.site, birth_family="MARTIN")
    address = reverse("allergy-confirm", args=[other.uuid, house.resident.allergies.get().pk])
    assert nurse.post(address).status_code == 404


def test_the_record_shows_each_change_of_the_identity_before_and_after(house: House, nurse: Visitor) -> None:
    traits = {"birth_family": "LEFEBVRE"}
    do_change_identity(house.resident, source=Source.PERSON, traits=traits, reason="Carte vue", user=house.secretary)
    page = nurse.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert "Nom de naissance : LEFÈVRE → LEFEBVRE" in page
    assert "Carte vue" in page
    assert str(house.secretary) in page
