"""A letter whose treatments stand in its words alone: read once, kept with its place, compared when it is filed."""

import pytest
from tests.support import factories
from tests.support.desk import Desk, read
from tests.support.letters import drug, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.intake.models import Document
from liaison.apps.treatments.jobs import read_text
from liaison.apps.treatments.letter_lines import lines_of_letter, said_unchanged
from liaison.apps.treatments.models import Reconciliation, TextReading
from liaison.apps.treatments.text_reading import do_read_text, unread_texts
from liaison.core.mail.values import Attachment
from liaison.core.medication.from_text.letter import READER_VERSION
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter, LetterSection, Table

pytestmark = pytest.mark.django_db

TREATMENTS = LetterSection(
    "Traitement de sortie",
    (
        "• KARDEGIC 75 mg : 1 sachet le midi",
        "• ELIQUIS 2,5 mg : 1 cp matin et soir",
        "Évolution",
        "Le furosémide a été arrêté en raison d'une hyponatrémie.",
    ),
)


def a_pdf(*sections: LetterSection) -> bytes:
    return write_letter(
        Letter(
            title="Compte rendu d'hospitalisation",
            sender=("CHU de Reims",),
            recipients=(),
            date="2026-11-20",
            patient=(),
            sections=sections or (TREATMENTS,),
        )
    )


@pytest.fixture
def bare(desk: Desk) -> Document:
    """A PDF alone, received and not read for its treatments yet."""
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf())
    return read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()


def statuses(reconciliation: Reconciliation) -> dict[str, str]:
    return {line.label: line.status for line in reconciliation.lines.all()}


def test_a_bare_pdf_gives_suggestions_with_their_words_and_their_place(bare: Document) -> None:
    do_read_text(bare)
    kardegic, eliquis, stopped = lines_of_letter(bare)
    assert (kardegic.name, kardegic.dose, kardegic.section, kardegic.origin) == (
        "KARDEGIC 75 mg",
        "1 sachet",
        "10183-2",
        "text",
    )
    assert (eliquis.moments.morning, eliquis.moments.evening) == ("1", "1")
    assert (stopped.section, stopped.reason) == ("18610-6", "hyponatrémie")
    assert stopped.excerpt == "Le furosémide a été arrêté en raison d'une hyponatrémie."
    (place,) = kardegic.places
    assert place.page == 1
    assert 0 < place.left < place.right < 1
    assert 0 < place.top < place.bottom < 1


def test_what_was_guessed_says_so(bare: Document) -> None:
    do_read_text(bare)
    kardegic, _, stopped = lines_of_letter(bare)
    assert kardegic.doubts == ()
    assert stopped.doubts == ("place dans le traitement déduite du texte",)


def test_a_letter_read_before_it_is_filed_is_compared_when_it_is(desk: Desk, bare: Document) -> None:
    factories.take(desk.resident, "FUROSEMIDE 40 mg", dose="1 cp", frequency="le matin")
    do_read_text(bare)
    desk.file(bare)
    found = statuses(bare.reconciliations.get())
    assert found == {"FUROSEMIDE 40 mg": "stopped", "KARDEGIC 75 mg": "started", "ELIQUIS 2,5 mg": "started"}


def test_a_letter_filed_before_it_is_read_is_compared_when_it_is_read(desk: Desk, bare: Document) -> None:
    desk.file(bare)
    assert not bare.reconciliations.exists()
    read_text(document=bare.pk)
    read_text(document=bare.pk)
    assert bare.reconciliations.get().lines.count() == 3


def test_reading_changes_no_treatment(desk: Desk, bare: Document) -> None:
    factories.take(desk.resident, "FUROSEMIDE 40 mg", dose="1 cp")
    do_read_text(bare)
    desk.file(bare)
    assert [line.label for line in desk.resident.treatment_lines.filter(ended_at__isnull=True)] == ["FUROSEMIDE 40 mg"]


def test_a_reading_keeps_its_version_and_leaves_its_entry(bare: Document) -> None:
    do_read_text(bare)
    assert TextReading.objects.get(document=bare).reader_version == READER_VERSION
    assert Entry.objects.filter(action="text_read").count() == 1


def test_a_coded_letter_is_not_read_for_its_words(desk: Desk) -> None:
    coded = desk.letter(at_discharge=(drug("RAMIPRIL 5 mg"),))
    assert do_read_text(coded) is None
    assert coded.pk not in unread_texts()


def test_what_no_worker_read_is_offered_again(bare: Document) -> None:
    assert unread_texts() == [bare.pk]
    do_read_text(bare)
    assert unread_texts() == []


def test_a_table_in_a_pdf_is_read_by_its_columns(desk: Desk) -> None:
    rows = (("SPIRIVA 18 µg", "1", "", "", ""), ("SERESTA 10 mg", "", "", "", "1/2"))
    table = LetterSection("Traitement de sortie", (Table(("Médicament", "Matin", "Midi", "Soir", "Coucher"), rows),))
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf(table))
    found = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(found)
    assert [(line.name, line.moments.morning, line.moments.bedtime) for line in lines_of_letter(found)] == [
        ("SPIRIVA 18 µg", "1", ""),
        ("SERESTA 10 mg", "", "1/2"),
    ]


UNCHANGED_LETTER = LetterSection("Conclusion", ("Bonne évolution.", "Traitement de sortie : idem"))


@pytest.fixture
def unchanged(desk: Desk) -> Document:
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf(UNCHANGED_LETTER))
    found = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(found)
    return found


def test_a_letter_that_says_the_treatment_goes_on_is_compared_and_quoted(desk: Desk, unchanged: Document) -> None:
    factories.take(desk.resident, "FUROSEMIDE 40 mg", dose="1 cp")
    desk.file(unchanged)
    assert lines_of_letter(unchanged) == []
    assert "Traitement de sortie : idem" in said_unchanged(unchanged)
    assert statuses(unchanged.reconciliations.get()) == {"FUROSEMIDE 40 mg": "not_mentioned"}


def test_where_nothing_is_held_there_is_nothing_to_decide_and_the_letter_is_still_quoted(
    desk: Desk, unchanged: Document
) -> None:
    desk.file(unchanged)
    assert not unchanged.reconciliations.exists()
    assert said_unchanged(unchanged)


def test_a_letter_that_lists_its_treatment_is_not_said_unchanged(bare: Document) -> None:
    do_read_text(bare)
    assert said_unchanged(bare) == ""
