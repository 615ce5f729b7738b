"""Law 3: a letter suggests, a named prescriber decides, the decision applies as said and in no other way."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import drug
from tests.support.replies import reply_to

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.models import Reply
from liaison.apps.filing.actions import do_unfile
from liaison.apps.intake.models import RawMessage
from liaison.apps.organisations.models import Membership, Role
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.models import Decision, Reconciliation, ReconciliationLine, TreatmentLine

pytestmark = pytest.mark.django_db

State = Reconciliation.State
Taken = dict[str, tuple[str, str]]


def taken(desk: Desk) -> Taken:
    """What the resident takes now: dose and frequency by label."""
    lines = desk.resident.treatment_lines.filter(ended_at__isnull=True)
    return {line.label: (line.dose, line.frequency) for line in lines}


def by_status(reconciliation: Reconciliation) -> dict[str, ReconciliationLine]:
    return {line.status: line for line in reconciliation.lines.all()}


def decide(desk: Desk, reconciliation: Reconciliation, *choices: Choice, **arguments: Any) -> list[Decision]:
    decisions = do_decide_lines(reconciliation, user=desk.doctor, choices=choices, **arguments)
    reconciliation.refresh_from_db()
    return decisions


@pytest.fixture
def everything(desk: Desk) -> Reconciliation:
    """One line of each status."""
    factories.take(desk.resident, "RAMIPRIL 5 mg", dose="1 cp", frequency="le matin")
    factories.take(desk.resident, "AMLODIPINE 10 mg", dose="1 cp", frequency="le matin")
    factories.take(desk.resident, "IBUPROFENE 200 mg", dose="1 cp", frequency="le soir")
    factories.take(desk.resident, "KARDEGIC 75 mg", substance="acide acétylsalicylique", dose="1 sachet")
    factories.take(desk.resident, "PARACETAMOL 1 g", dose="1 cp", frequency="si douleur")
    return desk.reconciliation(
        at_discharge=(
            drug("RAMIPRIL 5 mg"),
            drug("AMLODIPINE 5 mg", frequency="le soir"),
            drug("ACIDE ACETYLSALICYLIQUE 75 mg", dose="1 sachet"),
            drug("APIXABAN 2,5 mg", frequency="matin et soir", reason="FA"),
        ),
        stopped=(drug("IBUPROFENE 200 mg", reason="insuffisance rénale"),),
    )


LETTER_AND_HOME = {
    "continued": "RAMIPRIL 5 mg",
    "modified": "AMLODIPINE 10 mg",
    "equivalent": "KARDEGIC 75 mg",
    "stopped": "IBUPROFENE 200 mg",
    "not_mentioned": "PARACETAMOL 1 g",
    "started": "APIXABAN 2,5 mg",
}


def test_every_line_of_both_sides_is_compared_once(desk: Desk, everything: Reconciliation) -> None:
    lines = list(everything.lines.all())
    assert {line.status: line.label for line in lines} == LETTER_AND_HOME
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    assert {line.current for line in lines if line.current} == set(desk.resident.treatment_lines.all())
    assert {line.letter["name"] for line in lines if line.letter} == {
        "RAMIPRIL 5 mg",
        "AMLODIPINE 5 mg",
        "ACIDE ACETYLSALICYLIQUE 75 mg",
        "APIXABAN 2,5 mg",
        "IBUPROFENE 200 mg",
    }
    entry = Entry.objects.get(action="reconciliation_opened")
    assert (entry.details["lines"], entry.details["in_letter"], entry.details["held"]) == (6, 5, 5)


def test_the_reason_and_the_risk_of_a_line_are_shown(everything: Reconciliation) -> None:
    lines = by_status(everything)
    assert lines["stopped"].reason == "insuffisance rénale"
    assert lines["started"].high_risk == "anticoagulants"
    assert lines["continued"].high_risk == ""


def test_a_letter_that_states_no_treatment_opens_nothing(desk: Desk) -> None:
    desk.filed()
    assert not Reconciliation.objects.exists()


def people_who_may_not(desk: Desk) -> Sequence[Any]:
    elsewhere = make_desk().doctor
    without_rpps = factories.make_user(desk.site)
    Membership.objects.create(user=without_rpps, site=desk.site, role=Role.COORDINATING_DOCTOR)
    administrator = factories.make_user(desk.site, Role.ADMINISTRATOR)
    return (desk.secretary, desk.nurse, administrator, elsewhere, without_rpps)


def test_only_a_coordinating_doctor_of_the_site_with_an_rpps_decides(desk: Desk, everything: Reconciliation) -> None:
    before = taken(desk)
    for person in people_who_may_not(desk):
        with pytest.raises(NotAllowed):
            do_decide_lines(everything, user=person, choices=[Choice(1, "accept")])
    assert taken(desk) == before
    assert not Decision.objects.exists()


def test_a_decision_bears_who_when_why_and_the_answer_it_follows(desk: Desk) -> None:
    recipient = desk.sent(at_discharge=(drug("APIXABAN 5 mg"),))
    read(desk.mailbox, reply_to(recipient, "D'accord pour tout.", in_reply_to=recipient.message_id))
    reply = Reply.objects.get()
    choice = Choice(1, "accept", reason="accord du médecin traitant")
    decision = decide(desk, Reconciliation.objects.get(), choice, on_answer=reply)[0]
    assert (decision.decided_by, decision.prescriber_rpps) == (desk.doctor, desk.doctor.rpps)
    assert (decision.prescriber, decision.reason) == (str(desk.doctor), "accord du médecin traitant")
    assert decision.on_answer == reply
    entry = Entry.objects.get(action="line_decided")
    assert (entry.user, entry.resident, entry.details["reply"]) == (desk.doctor, desk.resident, str(reply.uuid))
    line = desk.resident.treatment_lines.get()
    assert (line.started_by, line.prescriber, line.dose) == (decision, str(desk.doctor), "1 cp")


ACCEPTED: dict[str, Taken] = {
    "continued": {"RAMIPRIL 5 mg": ("1 cp", "le matin")},
    "modified": {"AMLODIPINE 5 mg": ("1 cp", "le soir")},
    "equivalent": {"ACIDE ACETYLSALICYLIQUE 75 mg": ("1 sachet", "le matin")},
    "stopped": {},
    "not_mentioned": {"PARACETAMOL 1 g": ("1 cp", "si douleur")},
    "started": {"APIXABAN 2,5 mg": ("1 cp", "matin et soir")},
}
KEPT: dict[str, Taken] = {
    "continued": {"RAMIPRIL 5 mg": ("1 cp", "le matin")},
    "modified": {"AMLODIPINE 10 mg": ("1 cp", "le matin")},
    "equivalent": {"KARDEGIC 75 mg": ("1 sachet", "le matin")},
    "stopped": {"IBUPROFENE 200 mg": ("1 cp", "le soir")},
    "not_mentioned": {"PARACETAMOL 1 g": ("1 cp", "si douleur")},
    "started": {},
}
CHANGED: dict[str, Taken] = {
    "continued": {"RAMIPRIL 5 mg": ("2 cp", "à midi")},
    "modified": {"AMLODIPINE 5 mg": ("2 cp", "à midi")},
    "equivalent": {"ACIDE ACETYLSALICYLIQUE 75 mg": ("2 cp", "à midi")},
    "stopped": {"IBUPROFENE 200 mg": ("2 cp", "à midi")},
    "not_mentioned": {"PARACETAMOL 1 g": ("2 cp", "à midi")},
    "started": {"APIXABAN 2,5 mg": ("2 cp", "à midi")},
}
STOPPED: dict[str, Taken] = {status: {} for status in LETTER_AND_HOME}
VERDICTS = {"accept": ACCEPTED, "keep": KEPT, "change": CHANGED, "stop": STOPPED}


@pytest.mark.parametrize("status", list(LETTER_AND_HOME))
@pytest.mark.parametrize("verdict", list(VERDICTS))
def test_the_verdict_is_applied_as_said_and_touches_no_other_line(
    desk: Desk, everything: Reconciliation, verdict: str, status: str
) -> None:
    others = {label: said for label, said in taken(desk).items() if label != LETTER_AND_HOME[status]}
    changes = {"dose": "2 cp", "frequency": "à midi"} if verdict == "change" else {}
    decide(desk, everything, Choice(by_status(everything)[status].number, verdict, **changes))
    assert taken(desk) == others | VERDICTS[verdict][status]
    assert everything.state == State.PARTIAL


def test_history_is_never_overwritten(desk: Desk, everything: Reconciliation) -> None:
    line = by_status(everything)["modified"]
    before = line.current
    assert before
    decision = decide(desk, everything, Choice(line.number, "accept"))[0]
    before.refresh_from_db()
    assert (before.label, before.dose, before.ended_by) == ("AMLODIPINE 10 mg", "1 cp", decision)
    assert before.ended_at == decision.decided_at
    assert desk.resident.treatment_lines.get(started_by=decision).label == "AMLODIPINE 5 mg"


def test_all_decided_the_comparison_is_closed(desk: Desk, everything: Reconciliation) -> None:
    decide(desk, everything, *[Choice(number, "accept") for number in range(1, 7)])
    assert everything.state == State.DECIDED
    assert taken(desk) == {label: said for part in ACCEPTED.values() for label, said in part.items()}


def test_a_line_is_decided_once(desk: Desk, everything: Reconciliation) -> None:
    decide(desk, everything, Choice(1, "keep"))
    with pytest.raises(AlreadyDone):
        decide(desk, everything, Choice(1, "stop"))
    with pytest.raises(AlreadyDone):
        decide(desk, everything, Choice(2, "keep"), Choice(2, "stop"))
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [Choice(99, "accept"), Choice(3, "change"), Choice(1, "keep")], ids=["no line", "no dose", "twice"]
)
def test_all_choices_stand_or_none(desk: Desk, everything: Reconciliation, wrong: Choice) -> None:
    before, entries = taken(desk), Entry.objects.count()
    with pytest.raises((NotPossible, AlreadyDone)):
        decide(desk, everything, Choice(1, "accept"), Choice(2, "stop"), wrong)
    everything.refresh_from_db()
    assert (taken(desk), everything.state, Entry.objects.count()) == (before, State.OPEN, entries)
    assert not Decision.objects.exists()


def test_nothing_decided_is_refused(desk: Desk, everything: Reconciliation) -> None:
    with pytest.raises(NotPossible):
        decide(desk, everything)


def test_nothing_more_is_decided_of_a_letter_taken_out_of_the_record(desk: Desk, everything: Reconciliation) -> None:
    decide(desk, everything, Choice(2, "stop"))
    do_unfile(everything.document.filings.get(), user=desk.secretary, reason="mauvais dossier")
    with pytest.raises(NotPossible):
        decide(desk, everything, Choice(1, "accept"))
    assert Decision.objects.count() == 1


def test_a_drug_absent_from_the_letter_stays_whatever_is_accepted(desk: Desk, everything: Reconciliation) -> None:
    decide(desk, everything, *[Choice(line.number, "accept") for line in everything.lines.all()])
    assert "PARACETAMOL 1 g" in taken(desk)


@pytest.mark.parametrize(
    "second",
    ["APIXABAN 5 mg", "APIXABAN 2,5 mg, comprimé pelliculé", "RIVAROXABAN 20 mg"],
    ids=["the same", "another strength", "another of its class"],
)
def test_an_anticoagulant_that_two_letters_start_is_not_doubled(desk: Desk, second: str) -> None:
    """Both letters are compared before either is decided: the second comparison does not know of the first decision."""
    first_letter = desk.reconciliation(at_discharge=(drug("APIXABAN 5 mg"),))
    second_letter = desk.reconciliation(at_discharge=(drug(second), drug("RAMIPRIL 5 mg")))
    decide(desk, first_letter, Choice(1, "accept"))
    for choice in (Choice(1, "accept"), Choice(1, "change", dose="1 cp"), Choice(1, "stop")):
        with pytest.raises(NotPossible, match="depuis la comparaison"):
            decide(desk, second_letter, choice)
    assert set(taken(desk)) == {"APIXABAN 5 mg"}
    decide(desk, second_letter, Choice(1, "keep"), Choice(2, "accept"))
    assert set(taken(desk)) == {"APIXABAN 5 mg", "RAMIPRIL 5 mg"}


@pytest.mark.parametrize("verdict", ["accept", "change", "stop"])
def test_a_treatment_changed_since_the_comparison_is_not_changed_blindly(desk: Desk, verdict: str) -> None:
    factories.take(desk.resident, "AMLODIPINE 10 mg")
    first_letter = desk.reconciliation(at_discharge=(drug("AMLODIPINE 5 mg"),))
    second_letter = desk.reconciliation(stopped=(drug("AMLODIPINE 10 mg"),))
    decide(desk, first_letter, Choice(1, "accept"))
    with pytest.raises(NotPossible, match="a changé depuis la comparaison"):
        decide(desk, second_letter, Choice(1, verdict, dose="1 cp"))
    assert set(taken(desk)) == {"AMLODIPINE 5 mg"}


def test_a_letter_filed_again_is_compared_with_the_treatment_of_now(desk: Desk) -> None:
    first_letter = desk.reconciliation(at_discharge=(drug("APIXABAN 5 mg"),))
    second_letter = desk.reconciliation(at_discharge=(drug("APIXABAN 2,5 mg"),))
    decide(desk, first_letter, Choice(1, "accept"))
    document = second_letter.document
    do_unfile(document.filings.get(), user=desk.secretary, reason="à comparer de nouveau")
    desk.file(document)
    again = document.reconciliations.exclude(state=State.WITHDRAWN).get()
    assert by_status(again)["modified"].label == "APIXABAN 5 mg"
    decide(desk, again, Choice(1, "accept"))
    assert set(taken(desk)) == {"APIXABAN 2,5 mg"}


def test_two_lines_of_one_substance_in_one_letter_are_both_the_prescribers_to_accept(desk: Desk) -> None:
    reconciliation = desk.reconciliation(
        at_discharge=(drug("FUROSEMIDE 40 mg"), drug("FUROSEMIDE 20 mg", frequency="à midi"))
    )
    assert all("même substance" in line.change for line in reconciliation.lines.all())
    decide(desk, reconciliation, Choice(1, "accept"), Choice(2, "accept"))
    assert TreatmentLine.objects.filter(ended_at__isnull=True).count() == 2


def test_an_answer_all_of_whose_lines_are_decided_waits_for_nobody(desk: Desk) -> None:
    recipient = desk.sent(at_discharge=(drug("APIXABAN 5 mg"),))
    read(desk.mailbox, reply_to(recipient, "D'accord pour tout.", in_reply_to=recipient.message_id))
    decide(desk, Reconciliation.objects.get(), Choice(1, "accept"), on_answer=Reply.objects.get())
    reply = Reply.objects.get()
    assert reply.handled_by == desk.doctor
    assert reply.message.handling == RawMessage.Handling.DONE


def test_an_answer_about_another_letter_decides_nothing_here(desk: Desk, everything: Reconciliation) -> None:
    other = make_desk()
    recipient = other.sent(at_discharge=(drug("APIXABAN 5 mg"),))
    read(other.mailbox, reply_to(recipient, "D'accord pour tout.", in_reply_to=recipient.message_id))
    with pytest.raises(NotPossible):
        decide(desk, everything, Choice(1, "accept"), on_answer=Reply.objects.get(recipient=recipient))
