"""What the screens say of versions, and the banner where a person answers a cancellation."""

from django.urls import reverse

from liaison.apps.blobs import store
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Note, Recipient
from liaison.apps.filing.actions import do_file
from liaison.apps.intake.models import Document
from liaison.core.mail.message import read_mail
from liaison.core.xdm.values import RequestedAction
from tests.support.letters import discharge_letter, patient_of, sending
from tests.web.conftest import House, Visitor


def version(house: House, number: int, action: RequestedAction = "create") -> Document:
    patient = patient_of(house.resident)
    raw = sending(patient, discharge_letter(patient, number=800, version=number), action=action)
    return house.receive(raw).documents.get()


def filed(house: House, number: int) -> Document:
    document = version(house, number)
    do_file(document, resident=house.resident, user=house.secretary)
    document.refresh_from_db()
    return document


def page_of(browser: Visitor, document: Document) -> str:
    return browser.get(reverse("document", args=[document.uuid])).content.decode()


def test_a_newer_version_names_the_one_it_replaces_and_those_who_hold_it(house: House, secretary: Visitor) -> None:
    old = filed(house, 1)
    do_send(old, user=house.secretary, mailbox=house.mailbox, professionals=[house.gp])
    new = version(house, 2)
    page = page_of(secretary, new)
    assert "Ce document est une nouvelle version" in page
    assert reverse("document", args=[old.uuid]) in page
    assert "À prévenir si vous acceptez" in page
    assert str(house.gp) in page
    assert "à confirmer : nouvelle version" in secretary.get(reverse("inbox")).content.decode().lower()


def test_a_replaced_version_stays_struck_in_the_record_and_is_not_sent_on(house: House, secretary: Visitor) -> None:
    old, new = filed(house, 1), filed(house, 2)
    record = secretary.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert f'<s><a class="row-title" href="{reverse("document", args=[old.uuid])}"' in record
    assert reverse("send", args=[old.uuid]) not in record
    assert reverse("send", args=[new.uuid]) in record
    page = page_of(secretary, old)
    assert "Remplacé par la version 2" in page
    assert reverse("send", args=[old.uuid]) not in page


def test_those_who_hold_a_replaced_version_are_told_in_one_act_and_once(house: House, secretary: Visitor) -> None:
    old = filed(house, 1)
    do_send(old, user=house.secretary, mailbox=house.mailbox, professionals=[house.gp])
    new = filed(house, 2)
    assert "Prévenir ce destinataire" in page_of(secretary, new)
    told = secretary.post(reverse("document-tell", args=[new.uuid]), follow=True).content.decode()
    assert "Prévenu le" in told
    assert "Prévenir ce destinataire" not in told
    assert Note.objects.get().recipient == Recipient.objects.get()


def test_a_document_taken_out_of_a_record_lists_those_it_was_sent_to(house: House, secretary: Visitor) -> None:
    letter = filed(house, 1)
    do_send(letter, user=house.secretary, mailbox=house.mailbox, professionals=[house.gp])
    assert "Pas encore prévenu" not in page_of(secretary, letter)
    secretary.post(reverse("document-unfile", args=[letter.uuid]), {"motif": "mauvais dossier"})
    page = page_of(secretary, letter)
    assert "Pas encore prévenu" in page
    assert str(house.gp) in page
    secretary.post(reverse("document-tell", args=[letter.uuid]))
    assert "rattaché par erreur" in read_mail(store.get(Note.objects.get().blob)).body


def test_an_obsolete_version_says_so_and_offers_no_filing(house: House, secretary: Visitor) -> None:
    filed(house, 2)
    late = version(house, 1)
    page = page_of(secretary, late)
    assert "Obsolète" in page
    assert reverse("document-file", args=[late.uuid]) not in page


def test_a_cancellation_is_accepted_on_its_screen_once(house: House, secretary: Visitor) -> None:
    letter = filed(house, 1)
    request = version(house, 1, "cancel")
    address = reverse("cancellation-accept", args=[request.uuid])
    assert address in page_of(secretary, request)
    assert "Annulation acceptée" in secretary.post(address, follow=True).content.decode()
    assert "Annulé" in page_of(secretary, letter)
    assert "déjà répondu" in secretary.post(address, follow=True).content.decode()


def test_a_cancellation_is_refused_with_a_reason(house: House, secretary: Visitor) -> None:
    letter = filed(house, 1)
    request = version(house, 1, "cancel")
    address = reverse("cancellation-refuse", args=[request.uuid])
    assert "Dites pourquoi" in secretary.post(address, {"motif": ""}, follow=True).content.decode()
    assert "Annulation refusée" in secretary.post(address, {"motif": "déjà suivie"}, follow=True).content.decode()
    letter.refresh_from_db()
    assert letter.state == Document.State.FILED


def test_a_nurse_sees_the_request_but_not_the_buttons(house: House, nurse: Visitor) -> None:
    house.mailbox.holders.add(house.nurse)
    filed(house, 1)
    request = version(house, 1, "cancel")
    page = page_of(nurse, request)
    assert "demande d&#x27;annuler" in page
    assert reverse("cancellation-accept", args=[request.uuid]) not in page
