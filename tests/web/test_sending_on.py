"""Choosing to whom, where and by which way, on the screens; and following those who do not answer."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from liaison.apps.directory.absences import do_record_absence
from liaison.apps.directory.models import Professional
from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.exchanges.other_ways import do_write_letter
from liaison.apps.exchanges.reminders import rules_of
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import Role
from liaison.apps.refusals import NotPossible
from liaison.apps.residents.models import CareTeamMember, Opposition
from liaison.apps.residents.oppositions import do_record_opposition
from liaison.core.follow_up.rules import Rules
from tests.support import factories
from tests.support.directory import listed, listed_as, take
from tests.web.conftest import House, Visitor, visitor

HTMX = {"HX-Request": "true"}


def text(browser: Visitor, name: str, *arguments: object, **posted: object) -> str:
    address = reverse(name, args=arguments)
    response = browser.post(address, posted, follow=True) if posted else browser.get(address)
    return response.content.decode()


@pytest.fixture
def document(house: House) -> Document:
    return house.filed_letter(with_pdf=False)


def in_service(folder: Path, house: House) -> None:
    """A copy that lists the GP, and a Dr Faure nobody here knows yet."""
    take(folder, [*listed_as(house.gp), listed("FAURE", "paul.faure@ville.mssante.fr", national_id="810000000888")])


def test_a_doctor_of_the_directory_is_found_with_a_slip_and_added_to_the_team(
    house: House, secretary: Visitor, tmp_path: Path
) -> None:
    in_service(tmp_path, house)
    address = reverse("care-team", args=[house.resident.uuid])
    found = secretary.post(address, {"texte": "fuare reims"}, headers=HTMX).content.decode()
    assert "Docteur Anne FAURE" in found
    assert "<h1" not in found
    value = found.partition('name="qui" value="')[2].partition('"')[0]
    page = text(secretary, "care-team-add", house.resident.uuid, qui=value, role="specialist")
    assert "L&#x27;équipe de soins est à jour." in page
    assert "paul.faure@ville.mssante.fr" in page
    assert "dans l'annuaire" in page.replace("&#x27;", "'")
    assert house.resident.care_team.filter(role=CareTeamMember.Role.SPECIALIST).count() == 1


def test_one_the_directory_leaves_out_is_declared_and_removed_again(house: House, secretary: Visitor) -> None:
    page = text(secretary, "care-team-declare", house.resident.uuid, family="Villemin", city="Reims", role="specialist")
    assert "Villemin" in page
    assert "Pas d'adresse MSSanté" in page
    member = house.resident.care_team.get(professional__family="Villemin")
    page = text(secretary, "care-team-remove", house.resident.uuid, member.pk, oui="1")
    assert "retiré" in page
    assert not house.resident.care_team.filter(professional__family="Villemin").exists()


def test_a_nurse_sees_the_team_and_changes_nothing(house: House, nurse: Visitor) -> None:
    page = text(nurse, "care-team", house.resident.uuid)
    assert str(house.gp) in page
    assert "Retirer" not in page
    refused = text(nurse, "care-team-declare", house.resident.uuid, family="Villemin", role="gp")
    assert "Votre rôle ne permet pas" in refused
    assert not Professional.objects.filter(family="Villemin").exists()


def test_an_opposition_is_noted_shown_where_it_stops_the_sending_and_lifted(
    house: House, document: Document, nurse: Visitor, secretary: Visitor
) -> None:
    noted = text(nurse, "opposition", house.resident.uuid, portee="professionals", par="la résidente")
    assert "Opposition notée" in noted
    page = text(secretary, "send", document.uuid)
    assert "Le résident s'oppose aux échanges" in page
    assert str(house.nurse) in page
    refused = text(secretary, "send", document.uuid, bal=str(house.mailbox.uuid), destinataires=[str(house.gp.uuid)])
    assert "Refusé" in refused
    assert not Transmission.objects.exists()
    opposition = Opposition.objects.get()
    assert "Opposition levée" in text(nurse, "opposition-lift", house.resident.uuid, opposition.pk, oui="1")


def test_the_replacement_of_a_doctor_on_holiday_is_ticked_in_his_place(
    house: House, document: Document, secretary: Visitor
) -> None:
    stand_in, today = factories.make_professional(), timezone.localdate()
    do_record_absence(
        house.gp,
        site=house.site,
        user=house.secretary,
        starts_on=today,
        ends_on=today + timedelta(days=7),
        replacement=stand_in,
    )
    page = text(secretary, "send", document.uuid)
    assert f'id="pro-{stand_in.uuid}" checked' in page
    assert f'id="pro-{house.gp.uuid}" checked' not in page
    assert f"remplace {house.gp}" in page


def test_a_doctor_without_a_mailbox_is_proposed_a_letter_that_opens_as_a_pdf_and_is_posted(
    house: House, document: Document, secretary: Visitor
) -> None:
    text(secretary, "care-team-declare", house.resident.uuid, family="Villemin", city="Reims", role="specialist")
    doctor = Professional.objects.get(family="Villemin")
    assert f'id="lettre-{doctor.uuid}"' in text(secretary, "send", document.uuid)
    page = text(secretary, "send", document.uuid, bal=str(house.mailbox.uuid), lettres=[str(doctor.uuid)])
    letter = Recipient.objects.get(channel=Recipient.Channel.LETTER)
    assert "À imprimer et poster" in page
    pdf = secretary.get(reverse("recipient-letter-pdf", args=[letter.uuid]))
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert "la lettre est postée" in text(secretary, "recipient-posted", letter.uuid, oui="1")


def test_a_professional_found_while_sending_is_written_to(
    house: House, document: Document, secretary: Visitor, tmp_path: Path
) -> None:
    in_service(tmp_path, house)
    found = secretary.post(reverse("send-search", args=[document.uuid]), {"texte": "faure"}, headers=HTMX)
    value = found.content.decode().partition('name="destinataires" value="')[2].partition('"')[0]
    assert value.startswith("cle:")
    text(secretary, "send", document.uuid, bal=str(house.mailbox.uuid), destinataires=[value])
    assert Recipient.objects.get().address == "paul.faure@ville.mssante.fr"


def test_the_resident_is_written_to_only_with_his_traits_confirmed(
    house: House, document: Document, secretary: Visitor
) -> None:
    posted = {"bal": str(house.mailbox.uuid), "copie": "on"}
    assert "Confirmez la date de naissance" in text(secretary, "send", document.uuid, **posted)
    wrong = text(secretary, "send", document.uuid, **posted, naissance="1938-04-13", sexe="F")
    assert "ne sont pas ceux du résident" in wrong
    text(secretary, "send", document.uuid, **posted, naissance=house.resident.birth_date, sexe=house.resident.sex)
    assert Recipient.objects.get().channel == Recipient.Channel.PATIENT


def test_a_vanished_address_is_shown_confirmed_and_used(
    house: House, document: Document, secretary: Visitor, tmp_path: Path
) -> None:
    in_service(tmp_path, house)
    take(tmp_path, [listed("FAURE", "paul.faure@ville.mssante.fr", national_id="810000000888")])
    assert "disparue de l" in text(secretary, "directory")
    assert f'id="pro-{house.gp.uuid}" disabled' in text(secretary, "send", document.uuid).replace("\n", " ")
    address = house.gp.addresses.get()
    assert "Adresse confirmée" in text(secretary, "address-confirm", house.gp.uuid, address.pk, oui="1")
    assert f'id="pro-{house.gp.uuid}" checked' in text(secretary, "send", document.uuid)


def test_the_directory_says_how_old_it_is_and_opens_whom_it_finds(
    house: House, secretary: Visitor, tmp_path: Path
) -> None:
    assert "Aucune copie" in text(secretary, "directory")
    in_service(tmp_path, house)
    assert re.search(r"Publiée <time[^>]*>il y a", text(secretary, "directory"))
    found = secretary.post(reverse("directory"), {"texte": "faure"}, headers=HTMX).content.decode()
    value = found.partition('name="qui" value="')[2].partition('"')[0]
    page = text(secretary, "directory-open", qui=value)
    assert "Dr Anne FAURE" in page


def test_an_absence_is_noted_with_its_replacement_and_cancelled(house: House, secretary: Visitor) -> None:
    stand_in, today = factories.make_professional(), timezone.localdate()
    page = text(
        secretary,
        "absence-record",
        house.gp.uuid,
        du=today.isoformat(),
        au=(today + timedelta(days=3)).isoformat(),
        remplacant=str(stand_in.uuid),
    )
    assert "remplacé par" in page
    absence = house.gp.absences.get()
    assert absence.replacement == stand_in
    assert "Absence annulée" in text(secretary, "absence-cancel", house.gp.uuid, absence.pk, oui="1")


def test_the_rules_of_a_site_are_read_by_all_and_changed_by_a_doctor_or_an_administrator(house: House) -> None:
    asked = {"site": str(house.site.uuid), "high_risk_hours": 12, "usual_days": 5, "reminders": 1}
    assert "Un médecin coordonnateur" in text(visitor(house.nurse), "follow-up-rules")
    assert visitor(house.nurse).post(reverse("follow-up-rules"), asked).status_code == 404
    assert rules_of(house.site) == Rules()
    administrator = visitor(factories.make_user(house.site, Role.ADMINISTRATOR))
    assert "sont réglées" in text(administrator, "follow-up-rules", **asked)
    assert rules_of(house.site) == Rules(12, 5, 1)
    assert "pas possible" in text(visitor(house.doctor), "follow-up-rules", **{**asked, "reminders": 99})


def test_one_to_join_otherwise_is_shown_and_a_call_is_noted(house: House, secretary: Visitor) -> None:
    recipient = house.sent_letter().recipients.get()
    now = timezone.now()
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=now, late_at=now, escalated_at=now)
    assert "À joindre autrement" in text(secretary, "follow-up")
    said = {"issue": "reached", "interlocuteur": "Dr Morel", "mots": "Passe jeudi"}
    page = text(secretary, "recipient-call", recipient.uuid, **said)
    assert "Appel noté." in page
    assert "Passe jeudi" in page
    assert "À joindre autrement" not in text(secretary, "follow-up")


def test_a_letter_follows_a_failure_from_the_page_of_the_sending(house: House, secretary: Visitor) -> None:
    recipient = house.sent_letter().recipients.get()
    Recipient.objects.update(state=Recipient.State.FAILED, failed_at=timezone.now())
    page = text(secretary, "recipient-letter", recipient.uuid, oui="1")
    assert "La lettre est prête" in page
    with pytest.raises(NotPossible, match="une fois"):
        do_write_letter(recipient.followed_by.get(), user=house.secretary)


def test_a_held_message_says_why_and_leaves_when_its_address_is_settled(house: House, secretary: Visitor) -> None:
    recipient = house.sent_letter().recipients.get()
    Recipient.objects.update(state=Recipient.State.HELD, held_at=timezone.now(), held_for="vanished")
    page = text(secretary, "transmission", recipient.transmission.uuid)
    assert "disparue de l" in page
    assert "Adresse vérifiée : envoyer" in page
    text(secretary, "recipient-settle", recipient.uuid, oui="1")
    recipient.refresh_from_db()
    assert recipient.state == Recipient.State.PREPARED


def test_a_printed_letter_is_no_address_of_a_message(house: House, secretary: Visitor) -> None:
    recipient = house.sent_letter().recipients.get()
    assert secretary.get(reverse("recipient-letter-pdf", args=[recipient.uuid])).status_code == 404


def test_the_opposition_recorded_by_an_act_is_on_the_team_page(house: House, secretary: Visitor) -> None:
    do_record_opposition(house.resident, scope=Opposition.Scope.PATIENT, stated_by="sa fille", user=house.nurse)
    page = text(secretary, "care-team", house.resident.uuid)
    assert "exprimée par sa fille" in page
