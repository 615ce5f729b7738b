"""What the home does with answers: what is off, decisions, nurses and pharmacy told, one thread."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Note, Recipient, Reply
from liaison.apps.exchanges.replies import do_attach_reply, do_record_spoken_answer
from liaison.apps.filing.actions import do_unfile
from liaison.apps.intake.models import RawMessage
from liaison.apps.organisations.models import Role
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import CareTeamMember
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.changes import changing, do_acknowledge_change, do_compare_again, has_changed_since
from liaison.apps.treatments.models import Acknowledgement, Decision, DecisionReport, Reconciliation
from liaison.apps.treatments.report import do_make_report
from liaison.core.pdf.text import read_pdf
from liaison.core.pdf.values import PdfText
from tests.support import factories
from tests.support.replies import reply_to
from tests.web import letters
from tests.web.conftest import House, Visitor

pytestmark = pytest.mark.django_db


def shown(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def reconciliation_of(reply: Reply) -> Reconciliation:
    taken = reply.recipient.transmission.reconciliation
    assert taken
    return taken


def decide_all(house: House, taken: Reconciliation, **options: Any) -> list[Decision]:
    choices = [Choice(line.number, "accept") for line in taken.lines.exclude(status="not_mentioned")]
    choices += [Choice(line.number, "keep") for line in taken.lines.filter(status="not_mentioned")]
    decisions = do_decide_lines(taken, user=house.doctor, choices=choices, **options)
    taken.refresh_from_db()
    return decisions


def second_doctor(house: House, reply: Reply) -> Recipient:
    """The cardiologist is sent the same letter."""
    cardiologist = factories.make_professional("Cardiologie")
    document = reply.recipient.transmission.document
    sent = do_send(document, user=house.secretary, mailbox=house.mailbox, professionals=[cardiologist])
    return sent.recipients.get()


def test_two_doctors_who_disagree_are_shown_and_neither_fills_the_line(house: House, doctor: Visitor) -> None:
    reply = house.answered_letter("1 ok, 2 ok")
    other = second_doctor(house, reply)
    house.receive(letters.answer_to(other, "1 stop, 2 ok"))
    path = f"/conciliations/{reconciliation_of(reply).uuid}/?reponse={reply.uuid}"
    page = shown(doctor, path)
    assert "Les médecins ne disent pas la même chose" in page
    assert 'name="ligne-1-verdict" value="" id="id_ligne-1-verdict-0" checked' in page
    assert 'name="ligne-2-verdict" value="" id="id_ligne-2-verdict-0" checked' not in page


def test_an_answer_to_a_letter_that_is_out_of_the_record_is_said(house: House, secretary: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    do_unfile(recipient.transmission.document.filings.get(), user=house.secretary, reason="erreur")
    house.receive(letters.answer_to(recipient, "D'accord pour tout."))
    assert "n&#x27;est plus en vigueur" in shown(secretary, f"/transmissions/{recipient.transmission.uuid}/")


def test_an_answer_after_the_decision_is_shown_and_changes_nothing(house: House, secretary: Visitor) -> None:
    reply = house.answered_letter()
    decide_all(house, reconciliation_of(reply), on_answer=reply)
    before = list(house.resident.treatment_lines.values())
    other = second_doctor(house, reply)
    house.receive(letters.answer_to(other, "1 stop"))
    page = shown(secretary, f"/transmissions/{other.transmission.uuid}/")
    assert "Réponse reçue après la décision" in page
    assert list(house.resident.treatment_lines.values()) == before


def test_an_answer_from_another_address_or_from_outside_is_said(house: House, secretary: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    house.receive(reply_to(recipient, "ok pour tout", sender="cabinet@orange.fr", in_reply_to=recipient.message_id))
    page = shown(secretary, f"/transmissions/{recipient.transmission.uuid}/")
    assert "cabinet@orange.fr" in page
    assert "hors de l&#x27;espace de confiance" in page


def test_a_message_that_names_the_resident_is_matched_by_its_sender(house: House) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    named = f"Pour {house.resident.birth_given} {house.resident.birth_family} : d'accord pour tout"
    house.receive(reply_to(recipient, named, subject="Votre résidente"))
    reply = Reply.objects.get()
    assert (reply.recipient, reply.matched_by) == (recipient, "sender")


def test_a_sender_with_two_exchanges_or_no_name_is_left_to_a_person(house: House, secretary: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    unnamed = house.receive(reply_to(recipient, "D'accord pour tout", subject="Bonjour"))
    house.sent_letter()
    named = f"Pour {house.resident.birth_given} {house.resident.birth_family} : d'accord"
    house.receive(reply_to(recipient, named, subject="Votre résidente"))
    assert not Reply.objects.exists()
    page = shown(secretary, f"/messages/{unnamed.uuid}/")
    assert "Rattacher à cet échange" in page
    answer = secretary.post(f"/messages/{unnamed.uuid}/rattacher/", {"echange": recipient.uuid}, follow=True)
    assert "Le message est rattaché" in answer.content.decode()
    reply = Reply.objects.get()
    assert (reply.recipient, reply.matched_by, reply.matched_by_person) == (recipient, "hand", house.secretary)
    assert reply.intents == ["validate_all"]


def test_a_message_is_attached_once_and_by_its_holders_only(house: House) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    message = house.receive(reply_to(recipient, "D'accord pour tout", subject="Bonjour"))
    with pytest.raises(NotAllowed):
        do_attach_reply(message, recipient, user=house.nurse)
    do_attach_reply(message, recipient, user=house.secretary)
    with pytest.raises(AlreadyDone):
        do_attach_reply(message, recipient, user=house.secretary)


def test_what_is_said_by_telephone_becomes_an_answer_like_the_others(house: House, nurse: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    said = {
        "voie": "phone",
        "interlocuteur": "Dr Morel",
        "quand": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "paroles": "arrêt de l'amlodipine, je passe jeudi",
    }
    Recipient.objects.filter(pk=recipient.pk).update(sent_at=timezone.now())
    recipient.transmission.prepared_at -= timedelta(hours=1)
    recipient.transmission.save()
    page = nurse.post(f"/destinataires/{recipient.uuid}/reponse-orale/", said, follow=True).content.decode()
    assert "La réponse est notée" in page
    assert f"notée par {house.nurse}" in page
    reply = Reply.objects.get()
    assert (reply.source, reply.speaker, reply.matched_by_person) == ("phone", "Dr Morel", house.nurse)
    assert reply.intents == ["stop", "visit"]
    assert [line["action"] for line in reply.lines] == ["stop"]
    recipient.refresh_from_db()
    assert recipient.state == Recipient.State.ANSWERED


def test_an_answer_is_not_written_down_for_tomorrow_nor_by_a_stranger(house: House) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    stranger = factories.make_user(factories.make_site(), Role.NURSE)
    later = timezone.now() + timedelta(hours=1)
    for user, at, refusal in ((stranger, timezone.now(), NotAllowed), (house.nurse, later, NotPossible)):
        with pytest.raises(refusal):
            do_record_spoken_answer(recipient, user=user, source="phone", speaker="Dr X", said_at=at, said="ok")


def test_the_nurses_page_lists_what_changes_until_a_nurse_takes_it_into_account(
    house: House, nurse: Visitor, secretary: Visitor
) -> None:
    reply = house.answered_letter()
    assert "Aucun changement n'attend" in shown(nurse, "/soins/")
    decisions = decide_all(house, reconciliation_of(reply))
    page = shown(nurse, "/soins/")
    assert house.resident.display_name in page
    assert "Pris en compte" in page
    assert "est l'acte d'une infirmière" in shown(secretary, "/soins/")
    waiting = changing(Decision.objects.filter(pk__in=[decision.pk for decision in decisions]))
    assert waiting
    nurse.post(f"/soins/{house.resident.uuid}/pris-en-compte/", {"decision": [each.pk for each in waiting]})
    assert Acknowledgement.objects.count() == waiting.count()
    assert "Aucun changement n'attend" in shown(nurse, "/soins/")


def test_only_a_nurse_acknowledges_a_change_and_once(house: House) -> None:
    decide_all(house, reconciliation_of(house.answered_letter()))
    change = changing(Decision.objects.all()).first()
    assert change
    with pytest.raises(NotAllowed):
        do_acknowledge_change(change, user=house.secretary)
    do_acknowledge_change(change, user=house.nurse)
    with pytest.raises(AlreadyDone):
        do_acknowledge_change(change, user=house.nurse)


def test_the_report_says_what_was_decided_by_whom_on_whose_answer(house: House, secretary: Visitor) -> None:
    reply = house.answered_letter()
    taken = reconciliation_of(reply)
    assert do_make_report(taken) is None
    decide_all(house, taken, on_answer=reply)
    assert do_make_report(taken) == do_make_report(taken)
    pdf = secretary.get(f"/conciliations/{taken.uuid}/bilan.pdf")
    read = read_pdf(pdf.content)
    assert isinstance(read, PdfText)
    for words in ("Bilan de conciliation", house.doctor.rpps, "D'accord pour tout", house.resident.birth_family):
        assert words in read.text.replace("’", "'")
    assert "Bilan de conciliation (PDF)" in shown(secretary, f"/conciliations/{taken.uuid}/")
    assert "Bilan de conciliation" in shown(secretary, f"/residents/{house.resident.uuid}/")


def test_the_pharmacy_of_the_care_team_is_told_once_all_is_decided(house: House, secretary: Visitor) -> None:
    taken = reconciliation_of(house.answered_letter())
    pharmacist = factories.make_professional("Pharmacie")
    CareTeamMember.objects.create(resident=house.resident, professional=pharmacist, role=CareTeamMember.Role.PHARMACY)
    path = f"/conciliations/{taken.uuid}/"
    assert "attendent une décision" in secretary.post(f"{path}pharmacie/", follow=True).content.decode()
    decide_all(house, taken)
    assert "part à la pharmacie" in secretary.post(f"{path}pharmacie/", follow=True).content.decode()
    note = Note.objects.get(kind=Note.Kind.PHARMACY)
    assert note.address == pharmacist.addresses.get().email
    assert DecisionReport.objects.get().reconciliation == taken


def test_a_treatment_that_ended_meanwhile_is_not_kept_but_compared_again(house: House, doctor: Visitor) -> None:
    first = reconciliation_of(house.answered_letter())
    second = reconciliation_of(house.answered_letter())
    decide_all(house, second)
    line = first.lines.filter(current__ended_at__isnull=False).first()
    assert line
    with pytest.raises(NotPossible, match="plus rien à garder"):
        do_decide_lines(first, user=house.doctor, choices=[Choice(line.number, "keep")])
    assert has_changed_since(first)
    assert "Comparer de nouveau" in shown(doctor, f"/conciliations/{first.uuid}/")
    doctor.post(f"/conciliations/{first.uuid}/comparer/")
    first.refresh_from_db()
    assert first.state == Reconciliation.State.WITHDRAWN
    fresh = Reconciliation.objects.get(document=first.document, state=Reconciliation.State.OPEN)
    with pytest.raises(NotPossible):
        do_compare_again(fresh, user=house.doctor)


def test_one_page_reads_the_whole_return_back(house: House, nurse: Visitor) -> None:
    reply = house.answered_letter("1 ok. Quelle est la créatinine ?")
    taken = reconciliation_of(reply)
    path = f"/documents/{taken.document.uuid}/fil/"
    page = shown(nurse, path)
    for step in ("Lettre", "Suggestion", "Envoi", "Réponse", "Encore ouvert", "à décider", "une question attend"):
        assert step in page
    decisions = decide_all(house, taken, on_answer=reply)
    change = changing(Decision.objects.filter(pk__in=[each.pk for each in decisions])).first()
    assert change
    do_acknowledge_change(change, user=house.nurse)
    do_make_report(taken)
    page = shown(nurse, path)
    for step in ("Décision", "Application", "Bilan", str(house.doctor), f"prise en compte par {house.nurse}"):
        assert step in page
    assert "à décider" not in page


def test_every_new_page_is_closed_to_another_site(house: House) -> None:
    reply = house.answered_letter()
    taken = reconciliation_of(reply)
    stranger = Visitor()
    stranger.force_login(factories.make_user(factories.make_site(), Role.NURSE))
    assert stranger.get(f"/documents/{taken.document.uuid}/fil/").status_code == 404
    assert stranger.get(f"/conciliations/{taken.uuid}/bilan.pdf").status_code == 404
    assert stranger.post(f"/destinataires/{reply.recipient.uuid}/reponse-orale/").status_code == 404
    assert stranger.post(f"/soins/{house.resident.uuid}/pris-en-compte/").status_code == 404
    assert RawMessage.objects.exists()
    assert house.resident.display_name not in shown(stranger, "/soins/")


def test_an_answer_that_came_without_a_message_is_handled_and_decided_upon(house: House, secretary: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    reply = do_record_spoken_answer(
        recipient, user=house.nurse, source="visit", speaker="Dr Morel", said_at=timezone.now(), said="ok pour tout"
    )
    assert reply.message is None
    secretary.post(f"/reponses/{reply.uuid}/traitee/")
    reply.refresh_from_db()
    assert reply.handled_by == house.secretary
    decide_all(house, reconciliation_of(reply), on_answer=reply)
    assert "en visite" in shown(secretary, f"/transmissions/{recipient.transmission.uuid}/")
