"""Versions in the record: one stands, the others are struck and kept, and a cancellation asks a person."""

from typing import Any

import pytest
from tests.support.desk import Desk, make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, drug, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Answer
from liaison.apps.filing.actions import do_unfile
from liaison.apps.filing.cancellation import do_accept_cancellation, do_refuse_cancellation
from liaison.apps.filing.setting_aside import do_send_back
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Stay
from liaison.apps.treatments.models import Reconciliation
from liaison.core.people import Organisation, Professional
from liaison.core.xdm.values import RequestedAction

State = Document.State
STRANGER = Professional("810000000099", "NOËL", "Jean", Organisation("1750000011", "Clinique d'ailleurs"))


def version(desk: Desk, number: int, *, of: int = 700, action: RequestedAction = "create", **letter: Any) -> Document:
    patient = patient_of(desk.resident)
    content = discharge_letter(patient, number=of, version=number, **letter)
    raw = sending(patient, content, action=action)
    return read(desk.mailbox, returned_to(SENDER.email, raw)).documents.get()


def state_of(document: Document) -> str:
    document.refresh_from_db()
    return document.state


def standing_stays(desk: Desk) -> list[int]:
    return list(desk.resident.stays.filter(withdrawn_at__isnull=True).values_list("document__version", flat=True))


def test_filing_a_newer_version_strikes_the_old_one_and_what_was_derived_from_it(desk: Desk) -> None:
    drugs = (drug("FUROSEMIDE 40 mg"),)
    old = version(desk, 1, at_discharge=drugs)
    desk.file(old)
    new = version(desk, 2, at_discharge=drugs)
    assert (new.version_kind, new.other_version, state_of(old)) == ("replaces", old, State.FILED)
    desk.file(new)
    assert (state_of(old), old.replaced_by, state_of(new)) == (State.REPLACED, new, State.FILED)
    assert old.filings.filter(withdrawn_at__isnull=True).exists()
    assert standing_stays(desk) == [2]
    assert Stay.objects.filter(document=old).exists()
    assert desk.resident.reconciliations.get(document=old).state == Reconciliation.State.WITHDRAWN
    assert Entry.objects.get(action="document_replaced").details["by"] == str(new.uuid)


def test_unfiling_the_newer_version_lets_the_old_one_stand_again(desk: Desk) -> None:
    old = version(desk, 1)
    desk.file(old)
    filing = desk.file(version(desk, 2))
    do_unfile(filing, user=desk.secretary, reason="mauvais dossier")
    assert (state_of(old), old.replaced_by) == (State.FILED, None)
    assert standing_stays(desk) == [1]


def test_a_version_skipped_leaves_no_older_one_in_force(desk: Desk) -> None:
    first = version(desk, 1)
    desk.file(first)
    second, third = version(desk, 2), version(desk, 3)
    filing = desk.file(third)
    assert (state_of(first), state_of(second)) == (State.REPLACED, State.REPLACED)
    with pytest.raises(AlreadyDone):
        desk.file(second)
    do_unfile(filing, user=desk.secretary, reason="mauvais dossier")
    assert (state_of(first), state_of(second)) == (State.FILED, State.TO_MATCH)


def test_an_older_version_that_comes_late_is_obsolete_and_waits_for_nobody(desk: Desk) -> None:
    new = version(desk, 2)
    late = version(desk, 1)
    assert (late.state, late.other_version) == (State.OBSOLETE, new)
    assert RawMessage.objects.get(pk=late.message_id).handling == RawMessage.Handling.DONE
    with pytest.raises(AlreadyDone):
        desk.file(late)


def test_the_same_id_with_another_content_waits_for_a_person_and_says_so(desk: Desk) -> None:
    first = version(desk, 1)
    again = version(desk, 1, reason="Chute")
    assert (again.version_kind, again.other_version, again.state) == ("conflict", first, State.PROPOSED)


def test_nothing_but_a_first_version_ever_files_itself(desk: Desk) -> None:
    desk.site.files_certain_matches = True
    desk.site.save()
    assert version(desk, 1).state == State.FILED
    assert version(desk, 2).state == State.PROPOSED
    assert version(desk, 1, reason="Chute").state == State.PROPOSED


def test_a_replacement_by_another_establishment_is_901_and_strikes_nothing(desk: Desk) -> None:
    old = version(desk, 1)
    desk.file(old)
    new = version(desk, 2, signer=STRANGER)
    assert new.version_kind == "other_author"
    do_send_back(new, user=desk.secretary)
    answer = Answer.objects.get(original=new.message)
    assert (answer.kind, answer.error_code, state_of(old)) == (Answer.Kind.ERROR, "901", State.FILED)


def test_a_replacement_of_what_is_not_held_is_900_and_may_still_be_filed(desk: Desk) -> None:
    new = version(desk, 2, action="replace")
    assert new.version_kind == "not_the_last"
    do_send_back(new, user=desk.secretary)
    assert Answer.objects.get(original=new.message).error_code == "900"
    new.refresh_from_db()
    desk.file(new)
    assert state_of(new) == State.FILED


def test_a_cancellation_does_nothing_until_a_person_accepts_it(desk: Desk) -> None:
    letter = version(desk, 1)
    desk.file(letter)
    request = version(desk, 1, action="cancel")
    assert (request.version_kind, request.other_version, state_of(letter)) == ("cancels", letter, State.FILED)
    with pytest.raises(NotPossible):
        desk.file(request)
    with pytest.raises(NotAllowed):
        do_accept_cancellation(request, user=desk.nurse)
    do_accept_cancellation(request, user=desk.secretary)
    assert (state_of(letter), state_of(request)) == (State.CANCELLED, State.SET_ASIDE)
    assert standing_stays(desk) == []
    assert Answer.objects.get(original=request.message).kind == Answer.Kind.PROCESSED
    assert Entry.objects.get(action="cancellation_accepted").resident == desk.resident
    with pytest.raises(AlreadyDone):
        do_accept_cancellation(request, user=desk.secretary)


def test_a_cancellation_refused_leaves_the_document_and_tells_the_sender(desk: Desk) -> None:
    letter = version(desk, 1)
    desk.file(letter)
    request = version(desk, 1, action="cancel")
    with pytest.raises(NotPossible):
        do_refuse_cancellation(request, user=desk.secretary, reason=" ")
    do_refuse_cancellation(request, user=desk.secretary, reason="déjà appliquée")
    assert (state_of(letter), state_of(request)) == (State.FILED, State.SET_ASIDE)
    assert standing_stays(desk) == [1]
    answer = Answer.objects.get(original=request.message)
    assert (answer.kind, answer.error_code) == (Answer.Kind.ERROR, "906")


def test_a_cancellation_of_what_is_not_held_is_900_and_cannot_be_accepted(desk: Desk) -> None:
    request = version(desk, 1, action="cancel")
    assert request.version_kind == "not_the_last"
    with pytest.raises(NotPossible):
        do_accept_cancellation(request, user=desk.secretary)


def test_what_is_replaced_or_cancelled_is_not_sent_on(desk: Desk) -> None:
    old = version(desk, 1)
    desk.file(old)
    desk.file(version(desk, 2))
    old.refresh_from_db()
    with pytest.raises(NotPossible):
        do_send(old, user=desk.secretary, mailbox=desk.mailbox, professionals=[desk.gp])


def test_the_versions_of_another_site_are_not_ours(desk: Desk) -> None:
    desk.file(version(desk, 1))
    elsewhere = make_desk()
    patient = patient_of(desk.resident)
    late = read(elsewhere.mailbox, sending(patient, discharge_letter(patient, number=700, version=2)))
    assert late.documents.get().version_kind == "first"
