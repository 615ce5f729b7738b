"""To whom and where: care teams, addresses verified before each sending, oppositions, the resident's own copy."""

from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.apps.test_sending import Server, deliver
from tests.support.desk import Desk, make_desk, read
from tests.support.directory import listed, listed_as, take
from tests.support.letters import drug
from tests.web.letters import answer_to

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.directory.absences import absences_on, do_cancel_absence, do_record_absence
from liaison.apps.directory.adopting import Declared, do_adopt, do_declare, do_prefer_address
from liaison.apps.directory.models import ProfessionalAddress, TrustedDomain
from liaison.apps.directory.queries import search_directory
from liaison.apps.directory.review import do_confirm_address, standing_now
from liaison.apps.exchanges.actions import do_send, sendings_to_offer
from liaison.apps.exchanges.addressing import addressing_of
from liaison.apps.exchanges.holding import do_settle_address
from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.exchanges.patient_copy import PatientCopy
from liaison.apps.exchanges.printed import do_note_posted
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible, Refused
from liaison.apps.residents.care_team import do_add_to_care_team, do_remove_from_care_team
from liaison.apps.residents.models import CareTeamChange, CareTeamMember, Opposition
from liaison.apps.residents.oppositions import do_lift_opposition, do_record_opposition
from liaison.core.directory.choice import Rule, Standing
from liaison.core.pdf.text import read_pdf
from liaison.core.pdf.values import PdfText

pytestmark = pytest.mark.django_db
State, Role, Scope = Recipient.State, CareTeamMember.Role, Opposition.Scope


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    own = Server()
    monkeypatch.setattr("liaison.apps.mailboxes.smtp.send", own.send)
    return own


def in_service(folder: Path, desk: Desk, *more: Any, without: str = "") -> None:
    """A copy that lists the GP and the cardiologist, but for one address, and whoever else is given."""
    lines = [*listed_as(desk.gp), *listed_as(desk.cardiologist)]
    take(folder, [*(line for line in lines if line.email != without), *more], others=5)


def address_of(desk: Desk) -> ProfessionalAddress:
    return ProfessionalAddress.objects.get(professional=desk.gp)


# Who is around the resident


def test_a_professional_found_in_the_directory_joins_the_team_with_his_addresses(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk, listed("FAURE", "paul.faure@ville.mssante.fr", national_id="810000000888"))
    (found,) = search_directory("faure")
    professional = do_adopt(found.key, site=desk.site, user=desk.secretary)
    do_add_to_care_team(desk.resident, professional=professional, role=Role.SPECIALIST, user=desk.secretary)
    assert do_adopt(found.key, site=desk.site, user=desk.secretary) == professional
    assert (str(professional), professional.rpps) == ("Dr Anne FAURE", "10000000888")
    assert [address.email for address in professional.addresses.all()] == ["paul.faure@ville.mssante.fr"]
    assert {"professional_adopted", "care_team_added"} <= set(Entry.objects.values_list("action", flat=True))


def test_one_we_declared_is_recognised_by_his_rpps_when_the_directory_lists_him(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk)
    key = search_directory(desk.gp.family)[0].key
    assert do_adopt(key, site=desk.site, user=desk.secretary) == desk.gp


def test_a_new_gp_takes_the_place_of_the_former_and_the_history_says_so(desk: Desk) -> None:
    do_add_to_care_team(desk.resident, professional=desk.cardiologist, role=Role.GP, user=desk.secretary)
    assert [member.professional for member in desk.resident.care_team.all()] == [desk.cardiologist]
    changes = CareTeamChange.objects.order_by("pk").values_list("professional", "kind", "changed_by")
    assert list(changes) == [
        (desk.gp.pk, "replaced", desk.secretary.pk),
        (desk.cardiologist.pk, "added", desk.secretary.pk),
    ]


def test_a_member_leaves_once_and_a_place_is_given_once(desk: Desk) -> None:
    member = desk.resident.care_team.get()
    with pytest.raises(AlreadyDone):
        do_add_to_care_team(desk.resident, professional=desk.gp, role=Role.GP, user=desk.secretary)
    do_remove_from_care_team(member, user=desk.secretary)
    with pytest.raises(AlreadyDone):
        do_remove_from_care_team(member, user=desk.secretary)


def test_the_team_is_kept_by_those_who_may_file(desk: Desk) -> None:
    for person in (desk.nurse, make_desk().secretary):
        with pytest.raises(NotAllowed):
            do_add_to_care_team(desk.resident, professional=desk.cardiologist, role=Role.GP, user=person)
        with pytest.raises(NotAllowed):
            do_declare(Declared("Faure"), site=desk.site, user=person)


# Which address


@pytest.mark.usefixtures("server")
def test_the_address_he_answered_from_is_chosen_with_its_reason(desk: Desk) -> None:
    desk.gp.addresses.create(email="garde@ville.mssante.fr")
    assert addressing_of(desk.gp, desk.site).choice.rule == Rule.PREFERRED  # type: ignore[union-attr]
    recipient = deliver(desk.sent())
    read(desk.mailbox, answer(recipient, "garde@ville.mssante.fr"))
    choice = addressing_of(desk.gp, desk.site).choice
    assert choice is not None
    assert (choice.address.email, choice.rule) == ("garde@ville.mssante.fr", Rule.REPLIED)


def answer(recipient: Recipient, sender: str) -> bytes:
    """His answer, written from one of his addresses."""
    return answer_to(recipient, "D'accord pour tout.").replace(recipient.address.encode(), sender.encode())


def test_a_person_may_prefer_or_name_another_address(desk: Desk) -> None:
    other = desk.gp.addresses.create(email="garde@ville.mssante.fr")
    named = send(desk, addresses={desk.gp.pk: "garde@ville.mssante.fr"}).recipients.get()
    assert (named.address, named.chosen_by) == ("garde@ville.mssante.fr", "named")
    do_prefer_address(other, site=desk.site, user=desk.secretary)
    chosen = send(desk).recipients.get()
    assert (chosen.address, chosen.chosen_by) == ("garde@ville.mssante.fr", "preferred")


def send(desk: Desk, **more: Any) -> Transmission:
    arguments = {"user": desk.secretary, "mailbox": desk.mailbox, "professionals": [desk.gp], **more}
    return do_send(desk.filed(), **arguments)


def refused(desk: Desk, word: str, kind: type[Refused] = NotPossible, **more: Any) -> None:
    with pytest.raises(kind, match=word):
        send(desk, **more)
    assert not Recipient.objects.exists()


# Verified before each sending


@pytest.mark.usefixtures("server")
def test_a_listed_address_is_written_to(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk)
    assert standing_now(address_of(desk)) == Standing.LISTED
    assert deliver(send(desk).recipients.get()).state == State.SENT


def test_an_address_that_vanished_asks_a_person_before_anything_is_prepared(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk)
    in_service(tmp_path, desk, without=address_of(desk).email)
    assert address_of(desk).problem == Standing.VANISHED
    assert address_of(desk).problem_since
    assert Entry.objects.filter(action="address_vanished").count() == 1
    refused(desk, "n'est plus dans l'annuaire")
    do_confirm_address(address_of(desk), site=desk.site, user=desk.secretary)
    assert send(desk).recipients.get().address == address_of(desk).email


def test_an_address_that_is_somebody_elses_now_asks_a_person(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk)
    email = address_of(desk).email
    in_service(tmp_path, desk, listed("AUTRE", email, national_id="810000000999"), without=email)
    assert address_of(desk).problem == Standing.CHANGED
    refused(desk, "quelqu'un d'autre")


def test_an_address_that_comes_back_asks_no_more(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk)
    in_service(tmp_path, desk, without=address_of(desk).email)
    in_service(tmp_path, desk)
    assert address_of(desk).problem == ""
    assert send(desk).recipients.count() == 1


def test_a_confirmation_ends_when_the_address_changes_again(desk: Desk, tmp_path: Path) -> None:
    in_service(tmp_path, desk)
    email = address_of(desk).email
    in_service(tmp_path, desk, without=email)
    do_confirm_address(address_of(desk), site=desk.site, user=desk.secretary)
    in_service(tmp_path, desk, listed("AUTRE", email, national_id="810000000999"), without=email)
    refused(desk, "quelqu'un d'autre")


def test_what_vanishes_between_preparing_and_sending_is_held_in_sight_until_a_person_settles_it(
    desk: Desk, tmp_path: Path, server: Server
) -> None:
    in_service(tmp_path, desk)
    recipient = send(desk).recipients.get()
    in_service(tmp_path, desk, without=recipient.address)
    recipient = deliver(recipient)
    assert (recipient.state, recipient.held_for) == (State.HELD, Standing.VANISHED)
    assert recipient.held_at
    assert deliver(recipient).state == State.HELD
    assert server.given == []
    with pytest.raises(NotAllowed):
        do_settle_address(recipient, user=desk.nurse)
    do_settle_address(recipient, user=desk.secretary)
    assert deliver(recipient).state == State.SENT
    assert len(server.given) == 1
    with pytest.raises(NotPossible):
        do_settle_address(recipient, user=desk.secretary)


def test_what_leaves_the_trust_circle_before_its_sending_is_held_and_no_person_lets_it_go(
    desk: Desk, server: Server
) -> None:
    recipient = send(desk).recipients.get()
    TrustedDomain.objects.filter(domain="ville.mssante.fr").delete()
    recipient = deliver(recipient)
    assert (recipient.state, recipient.held_for) == (State.HELD, Standing.UNTRUSTED)
    with pytest.raises(NotPossible, match="espace de confiance"):
        do_settle_address(recipient, user=desk.secretary)
    assert server.given == []


# What the resident refuses, and his own copy


def test_an_opposition_stops_every_sending_and_says_who_noted_it(desk: Desk) -> None:
    opposition = do_record_opposition(
        desk.resident, scope=Scope.PROFESSIONALS, stated_by="la résidente", user=desk.nurse
    )
    refused(desk, f"exprimé par la résidente, noté par {desk.nurse}")
    with pytest.raises(AlreadyDone):
        do_record_opposition(desk.resident, scope=Scope.PROFESSIONALS, stated_by="sa fille", user=desk.nurse)
    do_lift_opposition(opposition, user=desk.secretary)
    assert send(desk).recipients.count() == 1
    entries = Entry.objects.filter(resident=desk.resident, action__startswith="opposition")
    assert list(entries.order_by("seq").values_list("action", flat=True)) == [
        "opposition_recorded",
        "opposition_lifted",
    ]


def test_the_residents_copy_goes_to_the_address_of_his_matricule_once_confirmed(desk: Desk) -> None:
    confirmed = PatientCopy(desk.resident.birth_date, desk.resident.sex)
    sent = send(desk, professionals=[], patient_copy=confirmed).recipients.get()
    assert (sent.address, sent.channel) == (f"{desk.resident.ins}@patient.mssante.fr", Recipient.Channel.PATIENT)
    assert not sent.expects_answer
    message = message_from_bytes(store.get(sent.blob), policy=default)
    assert message["X-MSS-INS"] == "O"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Docteur" not in body.get_content()
    assert list(message.iter_attachments())


@pytest.mark.parametrize("wrong", [{"birth_date": "1938-04-13"}, {"sex": "M"}])
def test_a_copy_whose_traits_are_not_the_residents_is_not_sent(desk: Desk, wrong: dict[str, str]) -> None:
    traits = {"birth_date": desk.resident.birth_date, "sex": desk.resident.sex, **wrong}
    refused(desk, "ne sont pas ceux du résident", patient_copy=PatientCopy(**traits))


def test_without_a_qualified_identity_or_against_his_will_no_copy_leaves(desk: Desk) -> None:
    copy = PatientCopy(desk.resident.birth_date, desk.resident.sex)
    do_record_opposition(desk.resident, scope=Scope.PATIENT, stated_by="la résidente", user=desk.nurse)
    refused(desk, "Opposition à l'envoi", patient_copy=copy)
    desk.resident.ins_status = "VALI"
    desk.resident.save()
    refused(desk, "pas qualifiée", patient_copy=copy)


# Those who are away, those who have no mailbox


def test_a_doctor_on_holiday_has_a_replacement_from_the_first_day_to_the_last(desk: Desk) -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 15)
    absence = do_record_absence(
        desk.gp, site=desk.site, user=desk.secretary, starts_on=first, ends_on=last, replacement=desk.cardiologist
    )
    for day, away in ((first, True), (last, True), (first - timedelta(1), False), (last + timedelta(1), False)):
        assert (desk.gp.pk in absences_on(day, [desk.gp])) == away
    assert absences_on(first, [desk.gp])[desk.gp.pk].replacement == desk.cardiologist
    do_cancel_absence(absence, site=desk.site, user=desk.secretary)
    assert absences_on(first, [desk.gp]) == {}


def test_an_absence_ends_after_it_begins_and_nobody_stands_in_for_himself(desk: Desk) -> None:
    today = timezone.localdate()
    usual: dict[str, Any] = {"site": desk.site, "user": desk.secretary, "starts_on": today}
    for wrong in ({"ends_on": today - timedelta(1)}, {"ends_on": today, "replacement": desk.gp}):
        with pytest.raises(NotPossible):
            do_record_absence(desk.gp, **usual, **wrong)
    with pytest.raises(NotAllowed):
        do_record_absence(desk.gp, **{**usual, "user": desk.nurse}, ends_on=today)


def test_a_doctor_without_a_mailbox_gets_a_letter_to_print_with_his_postal_address(desk: Desk, server: Server) -> None:
    declared = Declared("Faure", "Paul", "Dr", street="3 rue du Port", postal_code="51100", city="Reims")
    doctor = do_declare(declared, site=desk.site, user=desk.secretary)
    document = desk.filed(at_discharge=(drug("APIXABAN 5 mg"),))
    transmission = do_send(document, user=desk.secretary, mailbox=desk.mailbox, professionals=[], letters=[doctor])
    letter = transmission.recipients.get()
    printed = read_pdf(store.get(letter.blob))
    assert isinstance(printed, PdfText)
    for words in ("Dr Paul Faure", "3 rue du Port", "51100 Reims", "LEFÈVRE", "APIXABAN"):
        assert words in printed.text
    Transmission.objects.update(prepared_at=timezone.now() - timedelta(hours=1))
    assert sendings_to_offer() == []
    assert deliver(letter).state == State.PREPARED
    do_note_posted(letter, user=desk.secretary)
    letter.refresh_from_db()
    assert letter.state == State.SENT
    with pytest.raises(NotPossible):
        do_note_posted(letter, user=desk.secretary)
    assert server.given == []
