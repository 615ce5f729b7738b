"""What the doctors write is what the product reads, whatever their mail program."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.quoting import split_reply
from liaison.core.mail.values import Address, Mail, OutgoingMail
from liaison.core.medication.reply import ReplyReading, read_answer, read_reply
from liaison.core.medication.reply_lines import asked_lines
from liaison.demo.doctors.programs import answer_id, compose_reply
from liaison.demo.doctors.words import first_answer, numbered_lines, second_answer
from liaison.demo.world import build_world
from liaison.demo.world.dice import Dice
from liaison.demo.world.values import Behaviour, Doctor, MailStyle

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
DOCTOR = build_world().doctors[0]
STYLES: tuple[MailStyle, ...] = ("outlook", "thunderbird", "webmail", "phone", "plain")
BODY = """Docteur,

Vous trouverez ci-joint : Lettre de liaison, concernant votre patiente.

Traitements, comparés entre notre dossier et la lettre de l'hôpital :
1. KARDEGIC 75 mg — poursuivi
2. CARDENSIEL 2,5 mg — modifié : dose : 1 comprimé → 1/2 comprimé ; bradycardie
3. DIGOXINE NATIVELLE 0,25 mg — poursuivi [digitalique]
4. MÉDICAMENT INCONNU 12 mg — nouveau

Pour répondre, il suffit de répondre à ce message : « D'accord pour tout », ou ligne par ligne.

Mme Claire Petit
Référence : ABCDEF01
"""
MEANINGS = {
    "validates": "validate_all",
    "changes_a_line": "change",
    "asks": "ask",
    "visits": "visit",
    "names": "change",
    "inline": "change",
    "late": "validate_all",
    "thanks": "thanks",
}


def original(body: str = BODY) -> Mail:
    mail = OutgoingMail(
        message_id="<sent-on@btprms.mssante.fr>",
        sender=Address("secretariat.jean-dorbais@btprms.mssante.fr", "Résidence Jean d'Orbais – Secrétariat médical"),
        to=(Address(DOCTOR.address),),
        subject="XDM/1.0/DDM+Lettre de liaison à la sortie CASANOVA LETIZIA 08/09/1940 [réf ABCDEF01]",
        body=body,
        date=NOW,
        references=("<first@chu-reims.mssante.fr>",),
    )
    return read_mail(compose(mail))


def answered(doctor: Doctor, words: str) -> Mail:
    return read_mail(compose_reply(doctor, original(), words, date=NOW))


def reading(doctor: Doctor, words: str) -> ReplyReading:
    return read_answer(answered(doctor, words).body, lines=asked_lines(BODY))[0]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(MEANINGS)), st.sampled_from(STYLES), st.integers(0, 1000))
def test_a_first_answer_is_read_as_it_was_meant(behaviour: Behaviour, style: MailStyle, seed: int) -> None:
    doctor = replace(DOCTOR, behaviour=behaviour, mail_style=style)
    found = reading(doctor, first_answer(behaviour, BODY, Dice(seed)))
    assert MEANINGS[behaviour] in found.intents
    assert "unclear" not in found.intents


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_a_changed_line_is_one_of_the_message_and_gets_another_posology(seed: int) -> None:
    found = reading(DOCTOR, first_answer("changes_a_line", BODY, Dice(seed)))
    changed = [line for line in found.lines if line.action == "change"]
    assert len(changed) == 1
    assert changed[0].number in (1, 2, 3)
    assert all(line.action == "ok" for line in found.lines if line != changed[0])


def test_a_visit_says_when() -> None:
    assert all(reading(DOCTOR, first_answer("visits", BODY, Dice(seed))).visit for seed in range(30))


def test_a_message_without_lines_is_only_acknowledged() -> None:
    for behaviour in ("validates", "changes_a_line"):
        words = {first_answer(behaviour, "Ci-joint un compte rendu.", Dice(seed)) for seed in range(30)}
        assert all(read_reply(each, lines=0).intents == ("thanks",) for each in words)
        assert len(words) > 1


def test_a_silent_doctor_has_no_words() -> None:
    assert first_answer("silent", BODY, Dice(1)) == ""


@pytest.mark.parametrize("behaviour", ["validates", "changes_a_line", "visits", "silent"])
def test_only_one_who_asked_answers_twice(behaviour: Behaviour) -> None:
    assert second_answer(behaviour, Dice(1)) == ""
    assert "validate_all" in read_reply(second_answer("asks", Dice(1)), lines=4).intents


def test_answers_vary_from_one_message_to_the_other() -> None:
    assert len({first_answer("validates", BODY, Dice(seed)) for seed in range(40)}) > 3


def test_numbered_lines_are_found_and_nothing_else() -> None:
    assert [line.number for line in numbered_lines(BODY)] == [1, 2, 3, 4]
    assert numbered_lines("Poids : 12.5 kg\nLe 3. du mois") == ()


@pytest.mark.parametrize("style", STYLES)
def test_a_program_keeps_the_reference_and_most_keep_the_thread(style: MailStyle) -> None:
    mail = answered(replace(DOCTOR, mail_style=style), "D'accord pour tout.")
    assert "[réf ABCDEF01]" in mail.subject
    assert mail.subject.lower().startswith("re")
    assert mail.sender.email == DOCTOR.address
    threaded = style != "plain"
    assert mail.in_reply_to == ("<sent-on@btprms.mssante.fr>" if threaded else "")
    assert mail.references == (("<first@chu-reims.mssante.fr>", "<sent-on@btprms.mssante.fr>") if threaded else ())
    assert [address.email for address in mail.to] == ["secretariat.jean-dorbais@btprms.mssante.fr"]


@pytest.mark.parametrize("style", STYLES)
def test_the_words_are_told_apart_from_what_the_program_quotes(style: MailStyle) -> None:
    new_words, quoted = split_reply(answered(replace(DOCTOR, mail_style=style), "D'accord pour tout.").body)
    assert "D'accord pour tout." in new_words
    assert "KARDEGIC" not in new_words
    assert ("KARDEGIC" in quoted) == (style != "plain")


def test_an_answer_has_the_same_message_id_however_often_it_is_composed() -> None:
    ids = {answered(DOCTOR, words).message_id for words in ("un", "deux")}
    assert ids == {answer_id("<sent-on@btprms.mssante.fr>", DOCTOR.address)}
