"""What a bare PDF says in words is proposed with its sentence, put in the record by a person, withdrawn with it."""

from io import BytesIO

import pikepdf
import pytest
from tests.apps.test_text_reading import a_pdf
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.filing.actions import do_unfile
from liaison.apps.filing.models import ProposedFact, StatedFact
from liaison.apps.filing.proposals import decide_for
from liaison.apps.filing.read_facts import do_confirm_fact, do_dismiss_fact
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_proposed_facts
from liaison.apps.organisations.models import Role
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import FollowUpTask, RecordedAllergy, Stay
from liaison.apps.treatments.text_reading import do_read_text
from liaison.core.letter_facts.dating import DATED_BY_FILE
from liaison.core.letter_facts.doubt import SUPPOSED
from liaison.core.mail.values import Attachment
from liaison.core.pdf.letter import Letter, LetterSection, write_letter

pytestmark = pytest.mark.django_db

WORDS = LetterSection(
    "Compte rendu",
    (
        "Date du courrier : 13/03/2026",
        "Séjour : du 02/03/2026 au 12/03/2026",
        "Allergies : pénicilline (éruption)",
        "Diagnostic principal : Décompensation cardiaque",
        "L'ECBU retrouve un E. coli BLSE.",
        "Consultation de cardiologie le 15/04/2026.",
        "Les résultats de l'électrophorèse sont en attente.",
    ),
)


@pytest.fixture
def bare(desk: Desk) -> Document:
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf(WORDS))
    found = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(found)
    return found


def a_file(pdf: bytes) -> Attachment:
    return Attachment("cr.pdf", "application/pdf", pdf)


def without_dateline(pdf: bytes) -> bytes:
    """The pages of another letter, that says no day, with the properties of this one."""
    undated = pikepdf.open(BytesIO(write_letter(Letter("Compte rendu", ("CHU",), (), "", (), ()))))
    with pikepdf.open(BytesIO(pdf)) as dated:
        undated.docinfo["/CreationDate"] = str(dated.docinfo["/CreationDate"])
    kept = BytesIO()
    undated.save(kept)
    return kept.getvalue()


def fact(document: Document, kind: str) -> ProposedFact:
    return document.proposed_facts.get(kind=kind)


def test_each_kind_is_proposed_once_with_its_sentence_and_its_place(bare: Document) -> None:
    assert sorted(bare.proposed_facts.values_list("kind", flat=True)) == sorted(ProposedFact.Kind.values)
    allergy = fact(bare, "allergy")
    assert (allergy.label, allergy.detail, allergy.page) == ("pénicilline", "éruption", 1)
    assert "Allergies : pénicilline (éruption)" in allergy.excerpt
    assert allergy.places
    assert (fact(bare, "stay").start, fact(bare, "stay").end) == ("2026-03-02", "2026-03-12")


def test_filing_writes_nothing_of_it_by_itself(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    for model in (Stay, RecordedAllergy, FollowUpTask, StatedFact):
        assert not model.objects.filter(resident=desk.resident).exists()


def test_a_person_puts_each_in_the_record_with_its_source(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    for proposed in bare.proposed_facts.all():
        do_confirm_fact(proposed, user=desk.nurse)
    stay = Stay.objects.get(resident=desk.resident)
    assert (stay.start, stay.end, stay.document) == ("2026-03-02", "2026-03-12", bare)
    allergy = RecordedAllergy.objects.get(resident=desk.resident)
    assert (allergy.agent, allergy.confirmed_by, allergy.place) == (
        "pénicilline",
        desk.nurse,
        "lu dans le texte, page 1",
    )
    due = {task.kind: task.due for task in FollowUpTask.objects.filter(resident=desk.resident)}
    assert due == {"follow_up": "2026-04-15", "expected_result": ""}
    assert {stated.kind for stated in StatedFact.objects.filter(resident=desk.resident)} == {"problem", "carriage"}
    assert Entry.objects.filter(action="fact_confirmed", user=desk.nurse, resident=desk.resident).count() == 7
    assert (stay.place, stay.read_in.kind, allergy.read_in.kind) == ("lu dans le texte, page 1", "stay", "allergy")
    assert all(task.read_in.label == task.label for task in FollowUpTask.objects.all())
    assert all(stated.read_in.label == stated.label for stated in StatedFact.objects.all())


def test_twice_is_once_and_nothing_is_confirmed_before_the_document_is_filed(desk: Desk, bare: Document) -> None:
    with pytest.raises(NotPossible):
        do_confirm_fact(fact(bare, "allergy"), user=desk.secretary)
    desk.file(bare)
    do_confirm_fact(fact(bare, "allergy"), user=desk.secretary)
    with pytest.raises(AlreadyDone):
        do_confirm_fact(fact(bare, "allergy"), user=desk.secretary)
    with pytest.raises(AlreadyDone):
        do_dismiss_fact(fact(bare, "allergy"), user=desk.secretary)
    assert RecordedAllergy.objects.count() == 1


def test_what_is_dismissed_stays_said_and_may_be_taken_up(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    do_dismiss_fact(fact(bare, "problem"), user=desk.secretary)
    dismissed = fact(bare, "problem")
    assert (dismissed.state, dismissed.decided_by) == ("dismissed", desk.secretary)
    assert not StatedFact.objects.exists()
    assert Entry.objects.filter(action="fact_dismissed").count() == 1
    do_confirm_fact(dismissed, user=desk.secretary)
    assert StatedFact.objects.get().kind == "problem"


def test_unfiling_withdraws_what_was_confirmed_and_proposes_it_again(desk: Desk, bare: Document) -> None:
    filing = desk.file(bare)
    do_confirm_fact(fact(bare, "allergy"), user=desk.secretary)
    do_unfile(filing, user=desk.secretary, reason="mauvais dossier")
    assert RecordedAllergy.objects.get().withdrawn_at is not None
    assert fact(bare, "allergy").state == "proposed"
    desk.file(bare)
    do_confirm_fact(fact(bare, "allergy"), user=desk.secretary)
    assert RecordedAllergy.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_reading_again_keeps_what_a_person_decided(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    do_dismiss_fact(fact(bare, "allergy"), user=desk.secretary)
    do_read_text(bare)
    assert bare.proposed_facts.count() == 7
    assert fact(bare, "allergy").state == "dismissed"


def test_the_day_and_the_stay_the_words_say_are_shown_of_the_document(bare: Document) -> None:
    bare.refresh_from_db()
    assert (bare.dated, bare.dated_how) == ("2026-03-13", "lu dans le texte")
    assert bare.said_stay == ("2026-03-02", "2026-03-12")
    assert bare.effective_time == bare.stay_start == ""
    assert "Date du courrier : 13/03/2026" in fact(bare, "date").excerpt
    assert fact(bare, "date").places


def test_a_letter_that_says_no_day_has_that_of_its_file_and_says_so(desk: Desk) -> None:
    silent = LetterSection("Compte rendu", ("Bonne évolution.",))
    pdf = write_letter(Letter("Compte rendu", ("CHU",), (), "2026-11-20", (), (silent,)))
    assert b"D:20261120" in pdf
    pdf = without_dateline(pdf)
    document = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(a_file(pdf),))).documents.get()
    do_read_text(document)
    document.refresh_from_db()
    assert (document.dated, document.dated_how) == ("2026-11-20", "date du fichier")
    assert fact(document, "date").doubts == [DATED_BY_FILE]


def test_a_day_a_person_confirms_is_known_and_one_she_refuses_is_shown_no_more(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    do_confirm_fact(fact(bare, "date"), user=desk.secretary)
    bare.refresh_from_db()
    assert bare.dated_how == "lu dans le texte, confirmé"
    do_dismiss_fact(fact(bare, "stay"), user=desk.secretary)
    bare.refresh_from_db()
    assert bare.said_stay == ("", "")
    do_read_text(bare)
    bare.refresh_from_db()
    assert (bare.dated_how, bare.said_stay) == ("lu dans le texte, confirmé", ("", ""))


def test_a_day_read_in_the_words_never_weighs_on_whose_the_document_is(desk: Desk) -> None:
    document = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(a_file(a_pdf(WORDS)),)))
    found = document.documents.get()
    before = (found.claim, decide_for(found))
    do_read_text(found)
    found.refresh_from_db()
    assert found.dated == "2026-03-13"
    assert (found.claim, decide_for(found)) == before


def test_what_the_letter_is_not_sure_of_is_proposed_as_doubtful(desk: Desk) -> None:
    said = LetterSection("Compte rendu", ("Suspicion d'allergie à la codéine.",))
    document = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(a_file(a_pdf(said)),)))
    found = document.documents.get()
    do_read_text(found)
    assert (fact(found, "allergy").label, fact(found, "allergy").doubts) == ("codéine", [SUPPOSED])


def test_a_stay_the_header_states_is_not_proposed(bare: Document) -> None:
    bare.stay_end = "2026-03-12"
    bare.save()
    do_read_text(bare)
    assert not bare.proposed_facts.filter(kind="stay").exists()


def test_an_administrator_and_another_home_see_and_do_nothing(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    elsewhere = make_desk()
    for person in (elsewhere.secretary, factories.make_user(desk.site, Role.ADMINISTRATOR)):
        assert not access_proposed_facts(person).exists()
        with pytest.raises(NotAllowed):
            do_confirm_fact(fact(bare, "allergy"), user=person)
