"""Whole answers as doctors send them: with what their programs quote, and the lines called by the names of drugs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.medication.reply import ReplyReading, read_answer
from liaison.core.medication.reply_lines import AskedLine, Names, asked_lines
from liaison.core.medication.reply_words import fold

ORIGINAL = """Docteur,

Vous trouverez ci-joint : Lettre de liaison, concernant votre patiente.

Traitements, comparés entre notre dossier et la lettre de l'hôpital :
1. KARDEGIC 75 mg — poursuivi
2. BISOPROLOL 2,5 mg — modifié : dose : 1 comprimé → 1/2 comprimé ; bradycardie
3. FUROSEMIDE 40 mg — arrêté : insuffisance rénale
4. ELIQUIS 2,5 mg — nouveau [anticoagulant]
5. PARACETAMOL 1 g — non mentionné par la lettre

Pour répondre, il suffit de répondre à ce message.

Mme Claire Petit
Référence : ABCDEF01
"""
LINES = asked_lines(ORIGINAL)
MARKED = "\n".join(f"> {line}".rstrip() for line in ORIGINAL.strip().split("\n"))
ATTRIBUTION = "Le 14/07/2026 à 10:02, EHPAD a écrit :"
HEADERS = "De : EHPAD <s@ehpad.mssante.fr>\nEnvoyé : mardi 14 juillet 2026 10:02\nÀ : Dr Martin\nObjet : Lettre"
NAMED = "ok pour le bisoprolol, arrêt du Kardégic"


def read(body: str, *, original: str = "", known: bool = True) -> ReplyReading:
    return read_answer(body, lines=LINES if known else None, original=original)[0]


def actions(body: str, *, original: str = "", known: bool = True) -> dict[int, str]:
    return {line.number: line.action for line in read(body, original=original, known=known).lines}


def codes(body: str) -> set[str]:
    return {notice.code for notice in read(body).notices}


def test_the_numbered_lines_of_a_message_are_found_with_what_the_letter_does_of_them() -> None:
    assert list(LINES) == [
        AskedLine(1, "KARDEGIC 75 mg", "continued"),
        AskedLine(2, "BISOPROLOL 2,5 mg", "modified"),
        AskedLine(3, "FUROSEMIDE 40 mg", "stopped"),
        AskedLine(4, "ELIQUIS 2,5 mg", "started"),
        AskedLine(5, "PARACETAMOL 1 g", "not_mentioned"),
    ]
    assert asked_lines(MARKED) == LINES
    assert asked_lines("Poids : 12.5 kg\nLe 3. du mois\n2. Sans premier") == ()


FORMS = {
    "Outlook": f"{NAMED}\n\n________________________________\n{HEADERS}\n\n{ORIGINAL}",
    "Outlook, old": f"{NAMED}\n\n-----Message d'origine-----\n{HEADERS}\n\n{ORIGINAL}",
    "Thunderbird, below": f"{ATTRIBUTION}\n{MARKED}\n\n{NAMED}\n\n-- \nDr Martin\n12 rue de la Paix",
    "Thunderbird, in other words": f"EHPAD a écrit le 14/07/2026 à 10:02 :\n{MARKED}\n\n{NAMED}",
    "Gmail": f"{NAMED}\n\nLe mar. 14 juil. 2026 à 10:02, EHPAD <s@ehpad.fr> a écrit :\n\n{MARKED}",
    "Apple Mail": f"{NAMED}\n\nEnvoyé de mon iPhone\n\n\ufeff> Le 14 juil. 2026 à 10:02, EHPAD a écrit :\n>\n{MARKED}",
    "Zimbra": f"{NAMED}\n\n----- Mail original -----\nDe: EHPAD\nÀ: Dr\nEnvoyé: Mardi\nObjet: Lettre\n\n{ORIGINAL}",
    "Orange": f"{NAMED}\n\nenvoyé : 14 juillet 2026 à 10:02\nde : EHPAD\nà : Dr Martin\nobjet : Lettre\n\n{ORIGINAL}",
    "Roundcube": f"{NAMED}\n\nLe 2026-07-14 10:02, EHPAD a écrit :\n{MARKED}",
    "webmail": f"{NAMED}\n\n-------- Message d'origine --------\nSujet: Lettre\nDe: EHPAD\nÀ: Dr\n\n{ORIGINAL}",
    "Lotus": f"{NAMED}\n\nDe :        EHPAD\nA :        Dr Martin\nDate :        14/07\nObjet :        L\n\n{ORIGINAL}",
    "HTML": f"{NAMED}\n\nMessage du 14/07/26 10:02\nDe : EHPAD\nA : Dr\n\n{ORIGINAL}",
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_an_answer_by_name_is_read_in_every_form_of_quotation(body: str) -> None:
    reading = read(body, known=False)
    assert {line.number: line.action for line in reading.lines} == {1: "stop", 2: "ok"}
    assert reading.intents == ("stop",)
    assert "FUROSEMIDE" not in reading.text
    assert reading.text.startswith(NAMED)


def test_a_signature_and_a_disclaimer_are_not_words_of_the_answer() -> None:
    below = "-- \nDr Martin\n\nCe message est confidentiel. Si vous l'avez reçu par erreur, merci de le supprimer."
    reading = read(f"OK pour tout\n{below}")
    assert (reading.text, reading.intents) == ("OK pour tout", ("validate_all",))


def test_an_instruction_under_the_mark_of_a_signature_is_kept() -> None:
    assert actions("Bonjour\n--\n4 : stop") == {4: "stop"}


def answered_between(mark: str) -> str:
    answers = {1: "ok", 2: "plutôt 1,25 mg", 3: "reprendre à 20 mg", 4: "Non -> stop"}
    written = []
    for line in ORIGINAL.strip().split("\n"):
        written.append(f"{mark}{line}")
        number = int(line[0]) if line[:1].isdigit() else 0
        written += [answers[number]] if number in answers else []
    return "\n".join(written)


BETWEEN = {1: "ok", 2: "change", 3: "start", 4: "stop"}


def test_words_between_the_quoted_lines_are_about_the_line_above() -> None:
    body = f"{ATTRIBUTION}\n{answered_between('> ')}\n\nJe passe jeudi."
    assert actions(body) == BETWEEN
    assert actions(body, known=False) == BETWEEN
    assert read(body).visit == "jeudi"


def test_words_between_lines_quoted_without_a_mark_are_found_by_what_was_sent() -> None:
    body = f"Mes réponses ci-dessous\n\n{HEADERS}\n\n{answered_between('')}"
    assert actions(body, original=ORIGINAL) == BETWEEN
    assert actions(body) == {}


def test_words_beside_a_quoted_line_are_about_that_line() -> None:
    beside = MARKED.replace("[anticoagulant]", "[anticoagulant]   STOP").replace("rénale", "rénale : non, 2 cp")
    assert actions(f"{ATTRIBUTION}\n{beside}", original=ORIGINAL) == {3: "ask", 4: "stop"}
    arrow = MARKED.replace("[anticoagulant]", "[anticoagulant] => stop")
    assert actions(f"{ATTRIBUTION}\n{arrow}") == {4: "stop"}


def test_a_quotation_that_the_program_wraps_is_not_an_answer() -> None:
    wrapped = MARKED.replace(" — arrêté : insuffisance", " — arrêté :\n> insuffisance")
    assert actions(f"D'accord pour tout.\n\n{ATTRIBUTION}\n{wrapped}", original=ORIGINAL) == {}
    unmarked = ORIGINAL.replace(" — arrêté : insuffisance", " —\narrêté : insuffisance")
    assert read(f"D'accord pour tout.\n\n{HEADERS}\n\n{unmarked}", original=ORIGINAL).intents == ("validate_all",)


def test_an_assent_to_everything_under_the_last_line_is_about_everything() -> None:
    short = "\n".join(MARKED.split("\n")[:10])
    assert read(f"{ATTRIBUTION}\n{short}\nOK pour tout").intents == ("validate_all",)
    assert actions(f"{ATTRIBUTION}\n{short}\nOK") == {5: "ok"}


HELD_OUT: dict[str, dict[int, str]] = {
    "kardegic ok, biso ok, lasilix stop": {1: "ok", 2: "ok", 3: "stop"},
    "poursuivre kardegic, reprendre lasilix 20 mg": {1: "ok", 3: "start"},
    "stop aspirine svp": {1: "stop"},
    "garder le doliprane": {5: "ok"},
    "arrêt du kardegic et du bisoprolol": {1: "stop", 2: "stop"},
    "ok sauf furosémide à reprendre": {1: "ok", 2: "ok", 3: "start", 4: "ok", 5: "ok"},
    "ok pour l'arrêt du lasilix et l'introduction d'eliquis": {3: "stop", 4: "start"},
    "bisoprolol 5 mg, le reste ok": {1: "ok", 2: "change", 3: "ok", 4: "ok", 5: "ok"},
    "tout est ok sauf eliquis : 5mg x2": {1: "ok", 2: "ok", 3: "ok", 4: "change", 5: "ok"},
    "Kardegik ok": {1: "ok"},
    "apixaban 5 mg matin et soir": {4: "change"},
    "remplacer kardegic par plavix": {1: "change"},
    "d'accord sauf le 3 : 20 mg": {1: "ok", 2: "ok", 3: "change", 4: "ok", 5: "ok"},
    "1 ok 2 ok 4 non → arrêt": {1: "ok", 2: "ok", 4: "stop"},
    "ok pour 1, 2 et 5. 3 : reprendre à 20 mg": {1: "ok", 2: "ok", 3: "start", 5: "ok"},
    "BISOPROLOL OK\nKARDEGIC OK\nELIQUIS STOP": {1: "ok", 2: "ok", 4: "stop"},
    "Bisoprolol 5 le matin et 2,5 le soir": {2: "change"},
    "suspendre le furosemide": {3: "stop"},
    "Furosémide : reprise à 20 mg. Éliquis : ok.": {3: "start", 4: "ok"},
    "ok kardegic, doliprane et bisoprolol": {1: "ok", 2: "ok", 5: "ok"},
    "pourquoi arrêter le furosémide ?": {3: "ask"},
    "diminuer le bisoprolol à 1,25": {2: "change"},
}
TO_BE_READ = (
    "ne pas arrêter le furosémide", "pas de kardegic avec eliquis", "stop kardegic, bisoprolol", "3 stop bisoprolol",
    "pas d'accord pour l'arrêt du furosémide", "furosémide : si oedèmes", "kardegic ou eliquis",
    "je ne suis pas sûr pour eliquis", "maintenir l'arrêt du kardegic", "poursuivre le furosémide",
    "bisoprolol au lieu du kardegic", "eliquis peut-être", "stop eliquis si saignement",
    "3 non → arrêt", "arrêt du kardegic pendant 8 jours", "eliquis 2,5 ou 5 mg",
)  # fmt: skip
GENERAL: dict[str, tuple[str, ...]] = {
    "OK pr tt": ("validate_all",),
    "D ACCORD POUR TOUT": ("validate_all",),
    "RAS": ("validate_all",),
    "Bjr, ok pr ttes les propositions. Cdlt": ("validate_all",),
    "OK POUR L'ENSEMBLE DES PROPOSITIONS MERCI": ("validate_all", "thanks"),
    "je passe jeudi en fin d'am": ("visit",),
    "vous pouvez m'appeler ?": ("ask",),
    "Merci de me rappeler": ("ask",),
    "merci pour le CR": ("thanks",),
    "Bien reçu, je regarde et je vous rappelle": ("unclear",),
    "stop préviscan": ("stop",),
    "Je serai sur place lundi matin": ("visit",),
}


@pytest.mark.parametrize("words", HELD_OUT)
def test_drugs_are_known_by_name_abbreviation_brand_or_substance(words: str) -> None:
    assert actions(words) == HELD_OUT[words]


@pytest.mark.parametrize("words", TO_BE_READ)
def test_what_is_not_plainly_said_of_a_drug_is_for_a_person(words: str) -> None:
    reading = read(words)
    assert "unclear" in reading.intents
    assert reading.lines
    assert all(line.action == "ask" for line in reading.lines)


@pytest.mark.parametrize("words", GENERAL)
def test_short_answers_in_everyday_french(words: str) -> None:
    assert read(words).intents == GENERAL[words]


def test_a_visit_keeps_the_part_of_the_day() -> None:
    assert read("je passe jeudi en fin d'am").visit == "jeudi en fin d'am"


def test_a_name_that_two_lines_bear_is_told_apart_by_its_strength_or_left_to_a_person() -> None:
    lines = (AskedLine(1, "BISOPROLOL 2,5 mg"), AskedLine(2, "BISOPROLOL 5 mg"))
    known = read_answer("stop bisoprolol 5 mg", lines=lines)[0]
    assert [(line.number, line.action) for line in known.lines] == [(2, "stop")]
    doubtful = read_answer("stop bisoprolol", lines=lines)[0]
    assert [(line.number, line.action) for line in doubtful.lines] == [(1, "ask"), (2, "ask")]


def test_two_drugs_whose_names_look_alike_are_not_taken_for_each_other() -> None:
    names = Names([AskedLine(1, "PREDNISONE 5 mg"), AskedLine(2, "LAMICTAL 25 mg")])
    assert names.find(fold("prednisolone et lamisil")) == ()


def test_a_guessed_name_is_said() -> None:
    assert "reply_name_guessed" in codes("Kardegik ok")
    assert "reply_name_disputed" in codes("3 stop bisoprolol")


def test_without_the_message_any_number_is_a_line_and_nothing_is_approved_for_the_others() -> None:
    assert actions("1 ok / 3 2,5 mg / 4 stop / je passe jeudi", known=False) == {1: "ok", 3: "change", 4: "stop"}
    assert actions("d'accord sauf le 3 : 2,5mg", known=False) == {3: "change"}


SPOKEN = "kardegic aspirine biso bisoprolol furosémide lasilix eliquis doliprane 1 2 3 4 5 9"
SAID = "ok stop arrêt reprendre garder 2,5 mg ? et , / non pas si jeudi merci le reste"
DRUGS = st.sampled_from(SPOKEN.split())
VERBS = st.sampled_from([*SAID.split(), "\n"])


@given(st.lists(DRUGS | VERBS, max_size=12).map(" ".join))
def test_any_mixture_of_names_is_read_within_the_lines(words: str) -> None:
    reading = read(words)
    numbers = [line.number for line in reading.lines]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= {1, 2, 3, 4, 5}
    assert reading.intents or reading.lines


@given(DRUGS, st.sampled_from(["ne pas arrêter", "n'arrêtez pas", "pas d'arrêt pour", "ne stoppez pas"]))
def test_a_negated_stop_of_a_named_drug_is_never_a_stop(drug: str, negated: str) -> None:
    reading = read(f"{negated} {drug}")
    assert "stop" not in reading.intents
    assert all(line.action == "ask" for line in reading.lines)


ASKED = (
    "\n\nLe 22/11/2026 à 10:12, EHPAD a écrit :\n> 1. BISOPROLOL 2,5 mg\n> 2. APIXABAN 5 mg\n> 3. RAMIPRIL 5 mg\n"
    "> 4. FUROSEMIDE 40 mg\n> 5. KARDEGIC 75 mg\n"
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "1 et 2 ok, 3 : 2,5 mg le matin, stop le 4. Pour le Kardegic qu'en est-il ?",
            {1: "ok", 2: "ok", 3: "change", 4: "stop", 5: "ask"},
        ),
        ("stop le 4", {4: "stop"}),
        ("stop 4. merci", {4: "stop"}),
        ("arrêt du 4", {4: "stop"}),
        ("arreter la 3. ok pour le reste", {1: "ok", 2: "ok", 3: "stop", 4: "ok", 5: "ok"}),
        ("1. ok 2. stop 3. ok", {1: "ok", 2: "stop", 3: "ok"}),
        ("1/ ok 2/ stop 3/ ok", {1: "ok", 2: "stop", 3: "ok"}),
        ("1/ ok\n2/ non\n3/ 1/2 cp", {1: "ok", 2: "ask", 3: "change"}),
        ("OK 1 2 3", {1: "ok", 2: "ok", 3: "ok"}),
        ("je valide le 1 et le 2", {1: "ok", 2: "ok"}),
        ("ok pour 1, 2 et 4, stop 3", {1: "ok", 2: "ok", 3: "stop", 4: "ok"}),
        ("non pour 4", {4: "ask"}),
        ("Je ne suis pas d'accord pour le 2", {2: "ask"}),
        ("continuez le 1. Arrêtez la ligne 2.", {1: "ask", 2: "stop"}),
        ("Le kardegic peut être arrêté", {5: "stop"}),
        ("Le kardegic, peut-être arrêter", {5: "ask"}),
        ("poursuivre 1 et 2", {1: "ask", 2: "ask"}),
    ],
)
def test_a_number_after_its_verb_is_the_line_it_speaks_of(words: str, expected: dict[int, str]) -> None:
    reading, _ = read_answer(words + ASKED)
    assert {line.number: line.action for line in reading.lines} == expected


@pytest.mark.parametrize("words", ["ok pour le 12 mars", "stop à 2 mois", "ok pour 5 mg", "arrêt dans 3 jours"])
def test_a_number_of_days_or_a_dose_after_a_verb_is_no_line(words: str) -> None:
    reading, _ = read_answer(words + ASKED)
    assert reading.lines == ()
    assert "validate_all" not in reading.intents


@pytest.mark.parametrize("words", ["Feu vert", "Ça me convient", "cela me va, merci"])
def test_an_assent_may_be_familiar(words: str) -> None:
    assert "validate_all" in read_answer(words + ASKED)[0].intents


def test_the_reason_of_an_act_names_no_other_line() -> None:
    assert actions("On arrête le kardégic puisqu'il y a l'Eliquis.") == {1: "stop"}
    assert actions("stop Eliquis car le paracétamol suffit") == {4: "stop"}


def test_a_reason_that_holds_a_condition_or_another_act_is_not_put_away() -> None:
    for words in ("stop Eliquis car reprise du kardégic", "stop Eliquis vu que si elle saigne c'est grave"):
        assert "stop" not in actions(words).values(), words


def test_lines_told_each_its_own_after_an_exception_are_all_left_out_of_the_assent() -> None:
    assert actions("Ok pour tous sauf 2 : 1,25 mg et 4 : stop") == {1: "ok", 2: "change", 3: "ok", 4: "stop", 5: "ok"}


def test_two_lines_told_apart_in_one_breath_are_never_given_one_saying() -> None:
    assert actions("la 4 on arrête, la 5 c'est ok") in ({4: "stop", 5: "ok"}, {4: "ask", 5: "ok"})
    assert actions("pour la 4 stop et pour la 5 ok") in ({4: "stop", 5: "ok"}, {4: "ask", 5: "ask"})


def test_numbers_listed_with_commas_are_lines_and_an_amount_stays_one() -> None:
    assert actions("ok pour 1,2 et 5, pas le 4") == {1: "ok", 2: "ok", 5: "ok", 4: "ask"}
    assert actions("2 : 1,25 mg") == {2: "change"}


def test_a_dose_alone_after_the_name_of_a_drug_is_a_change() -> None:
    assert actions("bisoprolol 1.25") == {2: "change"}
    assert actions("1,25 mg seulement le matin pour le bisoprolol") == {2: "change"}


def test_a_remark_on_a_line_does_not_hide_what_is_asked_of_it() -> None:
    said = "L'association avec l'aspirine n'est pas justifiée chez elle : j'arrête le Kardégic."
    assert actions(said) == {1: "stop"}
    assert "unclear" in read(said).intents
    assert actions("Le kardégic n'est pas justifié") == {1: "ask"}


def test_a_stand_in_who_names_the_doctor_he_replaces_changes_nothing() -> None:
    reading = read("Bonjour, je remplace le Dr Martin cette semaine. D'accord avec l'hôpital.")
    assert "change" not in reading.intents
    assert not reading.lines


def test_a_visit_before_any_change_is_announced_and_changes_nothing() -> None:
    reading = read("Ne changez rien avant que je la voie lundi")
    assert (reading.intents, reading.visit, reading.lines) == (("visit", "unclear"), "lundi", ())


def test_an_hour_is_kept_whole_beside_its_day() -> None:
    assert read("je passe mardi 14h").visit == "mardi 14h"
    assert read("je passe mardi 14 novembre").visit == "mardi 14 novembre"


def test_an_order_after_the_closing_takes_the_assent_before_it_back() -> None:
    reading = read("ok\n\nCordialement\n4 ne pas arrêter")
    assert "validate_all" not in reading.intents
    assert "unclear" in reading.intents
