"""Full-text search: French stems, no accents, as one types, and never beyond what the person may see."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import discharge_letter, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.filing.actions import do_file, do_unfile
from liaison.apps.intake.models import Document
from liaison.apps.organisations import row_security
from liaison.apps.organisations.actions import do_add_user
from liaison.apps.organisations.models import Membership, Role, User
from liaison.apps.residents.merging import do_merge_residents
from liaison.apps.residents.models import Source
from liaison.apps.search.actions import do_trace_search
from liaison.apps.search.models import IndexedDocument
from liaison.apps.search.queries import MOST_FOUND, START, STOP, search
from liaison.apps.search.words import asked_by
from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.pdf.letter import Letter, LetterSection, write_letter


def documents(user: User, text: str) -> tuple[Document, ...]:
    return tuple(hit.row for hit in search(user, text).documents)


def many_letters(desk: Desk, count: int) -> list[Document]:
    patient = patient_of(desk.resident)
    return [read(desk.mailbox, sending(patient, discharge_letter(patient))).documents.get() for _ in range(count)]


@pytest.mark.parametrize(
    "typed",
    [
        "hémocultures",
        "HEMOCULTURE",
        "hémoc",
        "decompensations cardiaques",
        "évolution favor",
        "cardiaques ",
        '"décompensation cardiaque"',
        "« décompensation cardiaque » evol",
        "consultation d'cardiolog",
    ],
)
def test_a_letter_is_found_by_stem_without_accents_and_as_one_types(desk: Desk, typed: str) -> None:
    document = desk.letter()
    assert documents(desk.secretary, typed) == (document,)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "&|!:*",
        "orthopédie",
        "hémocultures orthopédie",
        "hémoc ",
        '"cardiaque décompensation"',
        "@o1",
        "de la",
    ],
)
def test_every_word_counts_and_no_word_finds_nothing(desk: Desk, typed: str) -> None:
    desk.letter()
    assert search(desk.secretary, typed).count == 0


def test_the_words_found_are_marked_in_an_excerpt(desk: Desk) -> None:
    desk.letter()
    (hit,) = search(desk.secretary, "hemoculture").documents
    assert f"{START}Hémocultures{STOP}" in hit.excerpt


def test_a_resident_is_found_by_name_and_a_message_by_its_words(desk: Desk) -> None:
    document = desk.letter()
    assert search(desk.nurse, "lefe suz").residents == (desk.resident,)
    (hit,) = search(desk.secretary, "veuillez trouver").messages
    assert hit.row == document.message
    assert START in hit.excerpt


@pytest.mark.parametrize("typed", ["lefebvre", "Lefèvre Susane", "lefevr suzzane", "suzane lefevre"])
def test_a_misspelt_name_is_said_to_be_near_not_found(desk: Desk, typed: str) -> None:
    found = search(desk.nurse, typed)
    assert found.residents == ()
    assert found.near == (desk.resident,)


@pytest.mark.parametrize("typed", ["dupont", "lefevre dupont", "112", "de"])
def test_a_name_that_looks_like_nobody_finds_nobody(desk: Desk, typed: str) -> None:
    assert search(desk.nurse, typed).near == ()


def test_an_unfiled_letter_is_found_by_the_holders_of_the_mailbox_only(desk: Desk) -> None:
    document = desk.letter()
    assert search(desk.nurse, "hémocultures").count == 0
    filing = desk.file(document)
    assert documents(desk.nurse, "hémocultures") == (document,)
    assert search(desk.nurse, "veuillez trouver").messages == ()
    do_unfile(filing, user=desk.secretary, reason="mauvais dossier")
    assert search(desk.nurse, "hémocultures").count == 0
    assert documents(desk.secretary, "hémocultures") == (document,)


def test_a_letter_follows_the_record_merged_into_another(desk: Desk) -> None:
    twin = factories.make_resident(desk.site, ins="", ins_status="PROV", birth_given="SUZANE")
    document = desk.letter()
    do_file(document, resident=twin, user=desk.secretary)
    do_merge_residents(survivor=desk.resident, absorbed=twin, source=Source.HL7, reason="essai")
    assert documents(desk.nurse, "hémocultures") == (document,)
    assert search(desk.nurse, "suzane").residents == ()


def test_nothing_of_another_site_is_found_and_an_administrator_finds_nothing(desk: Desk) -> None:
    desk.filed()
    elsewhere = make_desk()
    for person in (elsewhere.secretary, elsewhere.doctor, factories.make_user(desk.site, Role.ADMINISTRATOR)):
        assert search(person, "hémocultures").count == 0
    assert search(elsewhere.secretary, "lefe suz").residents == (elsewhere.resident,)


def test_who_works_at_two_sites_finds_in_both_and_in_no_third(desk: Desk) -> None:
    elsewhere, third = make_desk(), make_desk()
    here, there = desk.filed(), elsewhere.filed()
    third.filed()
    group = do_add_user(
        username="groupe",
        password=factories.PASSWORD,
        title="Mme",
        given="Zoé",
        family="Blanc",
        rpps="",
        memberships=[(desk.site, Role.NURSE), (elsewhere.site, Role.NURSE)],
    )
    assert documents(group, "hémocultures") == (there, here)
    Membership.objects.filter(user=group, site=desk.site).delete()
    assert documents(group, "hémocultures") == (there,)


def test_the_database_itself_searches_no_site_out_of_scope(desk: Desk) -> None:
    document = desk.filed()
    asked = [
        "search_documents('hemocultur'::tsquery, %s, %s, 20)",
        "search_messages('hemocultur'::tsquery, %s, %s, 20)",
    ]
    everything = ([desk.site.pk, desk.mailbox.pk], [desk.mailbox.pk])

    def seen() -> list[list[int]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(asked)}", [*everything, *everything])
            return [sorted(numbers) for numbers in cursor.fetchone()]

    assert seen()[0] == [document.pk]
    with row_security.scope([make_desk().site.pk]):
        assert seen() == [[], []]
    with row_security.scope([]):
        assert seen() == [[], []]


def test_after_a_search_the_wall_of_the_index_stands_again_even_when_the_search_breaks(desk: Desk) -> None:
    desk.filed()
    with row_security.scope([make_desk().site.pk]):
        search(desk.secretary, "hémocultures")
        assert not IndexedDocument.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT search_documents('a'::tsquery, '{1}', '{}', -1)")
        assert not IndexedDocument.objects.exists()


def test_the_newest_are_found_first_and_what_is_found_is_bounded(desk: Desk) -> None:
    letters = many_letters(desk, MOST_FOUND + 1)
    assert documents(desk.secretary, "hémocultures") == tuple(letters[: -MOST_FOUND - 1 : -1])


@pytest.mark.parametrize("typed", ["hémocultures", "hémoc", '"décompensation cardiaque"'])
def test_the_newest_come_first_across_every_block_of_numbers(desk: Desk, typed: str) -> None:
    numbers = []
    for start in (1, 5_000, 300_000, 299_990, 40_000_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('intake_document_id_seq', %s)", [start + 1_000_000_000])
        numbers.append(desk.letter().pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT search_documents(search_query(%s, %s, %s), %s, %s, 3)",
            [
                list(asked_by(typed).phrases),
                " ".join(asked_by(typed).whole),
                asked_by(typed).beginning,
                [desk.site.pk],
                [desk.mailbox.pk],
            ],
        )
        assert cursor.fetchone()[0] == sorted(numbers, reverse=True)[:3]


def test_what_changes_in_a_document_is_found_at_once_and_what_was_is_not(desk: Desk) -> None:
    document = desk.letter()
    document.text = "pancréatite"
    document.save()
    assert documents(desk.secretary, "pancréatites") == (document,)
    assert documents(desk.secretary, "hémocultures") == ()


def test_the_text_of_a_bare_pdf_is_found(desk: Desk) -> None:
    section = LetterSection("Synthèse", ("Cholécystectomie sous cœlioscopie, suites simples.",))
    pdf = write_letter(Letter("Compte rendu", (), (), "2026-03-04", (), (section,)))
    attachment = Attachment("compte-rendu.pdf", "application/pdf", pdf)
    patient = patient_of(desk.resident)
    message = read(desk.mailbox, sending(patient, b"", attachments=(attachment,)))
    assert documents(desk.secretary, "cholecystectomies coelio") == (message.documents.get(),)


def test_a_text_larger_than_what_is_indexed_is_received_all_the_same(desk: Desk) -> None:
    body = " ".join(f"mot{number}" for number in range(60_000))
    mail = OutgoingMail(
        "<long@hopital.mssante.fr>", Address("a@hopital.mssante.fr"), (), "Long", body, datetime.now(UTC)
    )
    message = read(desk.mailbox, compose(mail))
    (hit,) = search(desk.secretary, "mot17").messages
    assert hit.row == message


@given(typed=st.text(max_size=100))
@example(typed="ﬁ:*")
@example(typed='"" «» le')
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_typed_is_ever_an_operator_or_an_error(desk: Desk, typed: str) -> None:
    asked = asked_by(typed)
    for word in (*asked.whole, asked.beginning, *(" ".join(asked.phrases).split())):
        assert not set(word) & set("&|!<>()'\\\":*@ ")
    search(desk.secretary, typed)


def test_a_search_is_traced_without_its_words_once_a_minute_where_something_was_shown(desk: Desk) -> None:
    document = desk.filed()
    for typed in ("hémoc", "hémocultures"):
        do_trace_search(search(desk.secretary, typed), user=desk.secretary)
    entry = Entry.objects.get(action="searched")
    assert (entry.site, entry.user, entry.details) == (desk.site, desk.secretary, {"shown": 1})
    assert document.pk
    do_trace_search(search(desk.nurse, "orthopédie"), user=desk.nurse)
    assert Entry.objects.get(action="searched", user=desk.nurse).details == {"shown": 0}
