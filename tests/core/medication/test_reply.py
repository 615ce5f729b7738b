import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.medication.reply import ReplyReading, read_reply


def read(words: str, lines: int = 4) -> ReplyReading:
    return read_reply(words, lines=lines)


def actions(words: str, lines: int = 4) -> dict[int, str]:
    return {line.number: line.action for line in read(words, lines).lines}


def codes(words: str, lines: int = 4) -> set[str]:
    return {notice.code for notice in read(words, lines).notices}


def test_numbered_answers_and_a_visit_on_one_line_are_read() -> None:
    reading = read("1 ok / 3 2,5 mg / 4 stop / je passe jeudi")
    assert [(line.number, line.action, line.text) for line in reading.lines] == [
        (1, "ok", "1 ok"),
        (3, "change", "3 2,5 mg"),
        (4, "stop", "4 stop"),
    ]
    assert reading.intents == ("change", "stop", "visit")
    assert reading.visit == "jeudi"
    assert [notice.code for notice in reading.notices] == ["reply_partial"]


@pytest.mark.parametrize(
    "words",
    [
        "D'accord pour tout",
        "D’accord pour tout.",
        "Vu, RAS",
        "OK",
        "Ok pour moi",
        "Validé",
        "Je valide l'ensemble des propositions.",
        "Pas d'objection",
        "tout est ok",
        "Bonjour,\n\nC'est bon pour moi.\n\nBien cordialement\nDr Martin\n12 rue de la Paix\n03 26 00 00 00",
        "1 ok, 2 ok, 3 ok, 4 ok",
        "1: OK\n2: OK\n3: OK\n4: OK\n\nDr. Paul Martin",
        "1 à 4 : ok",
        "rien à signaler de mon côté",
        "Je valide le traitement de sortie tel quel",
    ],
)
def test_a_plain_assent_validates_all(words: str) -> None:
    assert read(words).intents == ("validate_all",)


@pytest.mark.parametrize(
    "words",
    [
        "Ne pas arrêter le Kardegic",
        "N'arrêtez surtout pas le Kardégic.",
        "pas d'accord",
        "Non",
        "je ne suis pas d'accord avec l'arrêt",
        "ok si la créatinine est normale",
        "D'accord sauf le Kardegic",
        "Je préfère attendre",
        "2,5 mg le matin",
        "je valide l'arrêt du Previscan",
        "je ne passerai pas jeudi",
        "Vu",
        "Le patient va mieux",
        "Je préfère le garder",
        "Merci de garder le Kardegic",
        "Plutôt 2,5 mg, visite jeudi",
        "",
    ],
)
def test_a_negation_a_condition_or_a_doubt_is_unclear_never_a_guess(words: str) -> None:
    reading = read(words)
    assert reading.intents == ("unclear",)
    assert reading.lines == ()


@pytest.mark.parametrize(
    "words",
    [
        "4 ne pas arrêter",
        "4 : non, poursuivre",
        "4 stop si TA < 10",
        "4 ok temporairement",
        "4 ok pour 2,5 mg",
        "4 : stop, reprendre dans 8 jours",
        "4 idem",
        "4",
        "N'arrêtez surtout pas la ligne 4",
        "4 : je passe mercredi matin",
        "4 : plutôt arrêter",
        "Si la 4 est maintenue, le reste ok",
    ],
)
def test_a_line_not_plainly_one_act_is_to_be_asked(words: str) -> None:
    reading = read(words)
    assert [(line.number, line.action) for line in reading.lines] == [(4, "ask")]
    assert reading.intents == ("unclear",)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("merci de passer à 2,5 mg pour la ligne 3", {3: "change"}),
        ("Merci d'arrêter la ligne 4", {4: "stop"}),
        ("Ligne 3 : arrêter", {3: "stop"}),
        ("3- 2,5 mg", {3: "change"}),
        ("3 -> 1-0-1", {3: "change"}),
        ("n°2 : augmenter à 1 g x3/j", {2: "change"}),
        ("2 : 1 g si douleur, 3 fois par jour", {2: "change"}),
        ("4 : 1/2 cp le soir", {4: "change"}),
        ("2 reprendre à 5 mg", {2: "start"}),
        ("1) ok 2) ok 3) stop", {1: "ok", 2: "ok", 3: "stop"}),
        ("1 ok/3 stop/4 ok", {1: "ok", 3: "stop", 4: "ok"}),
        ("1 et 2 ok, 4 stop", {1: "ok", 2: "ok", 4: "stop"}),
        ("lignes 1 à 3 : ok", {1: "ok", 2: "ok", 3: "ok"}),
        ("ok pour la 1 et la 2, stop la 4", {1: "ok", 2: "ok", 4: "stop"}),
        ("1 Kardegic ok", {1: "ok"}),
        ("1 oui\n2 non\n3 ?\n4 oui", {1: "ok", 2: "ask", 3: "ask", 4: "ok"}),
        ("ok sauf la 3 : 2,5 mg", {1: "ok", 2: "ok", 3: "change", 4: "ok"}),
        ("Pour la ligne 3, je propose 2,5 mg", {3: "change"}),
        ("Ligne 3 : 2,5 mg. Le reste est ok.", {1: "ok", 2: "ok", 3: "change", 4: "ok"}),
        ("4 stop, ok pour les autres lignes", {1: "ok", 2: "ok", 3: "ok", 4: "stop"}),
        ("1 ok 2 stop 3 2,5mg 4 ok", {1: "ok", 2: "ask", 4: "ok"}),
        ("4 stop Lasilix 40 mg", {4: "stop"}),
        ("1 ok, 2 : 2,5 mg", {1: "ok", 2: "change"}),
        ("1 : ok, 2: 20 mg, 3 stop", {1: "ok", 2: "change", 3: "stop"}),
        ("1 : 1 cp le matin, 2 cp le soir", {1: "change"}),
        ("ok pour la 1, 2 : 2,5 mg", {1: "ask", 2: "ask"}),
        ("2 : plutôt ½ comprimé le soir, le reste ok", {1: "ok", 2: "change", 3: "ok", 4: "ok"}),
        ("2 : 2,5 mg, le reste sans changement", {2: "change"}),
        ("ne pas arrêter la 2, et le reste ok", {1: "ok", 2: "ask", 3: "ok", 4: "ok"}),
        ("ok pour tout sauf la 2 et la 4", {1: "ok", 2: "ask", 3: "ok", 4: "ask"}),
    ],
)
def test_lines_are_answered_under_their_numbers(words: str, expected: dict[int, str]) -> None:
    assert actions(words) == expected
    assert "validate_all" not in read(words).intents


@pytest.mark.parametrize(
    "words", ["2,5 mg suffisent", "10 gouttes", "1/2 cp", "1 à 2 cp", "12 rue de la Paix", "14h30"]
)
def test_a_dose_or_an_address_is_no_line_number(words: str) -> None:
    assert actions(words, lines=20) == {}


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("Je passerai le voir demain matin à 10h.", "demain matin à 10h"),
        ("je passe le 12 mars", "le 12 mars"),
        ("Je passerai la semaine prochaine.", "la semaine prochaine"),
        ("je le vois lundi en visite", "lundi"),
        ("Je viens jeudi après-midi", "jeudi après-midi"),
        ("visite prévue dans 3 jours", "dans 3 jours"),
        ("Je préfère le revoir avant : visite mercredi matin", "mercredi matin"),
        ("Je préfère voir le patient : je passe mercredi matin", "mercredi matin"),
        ("Je passe mercredi avec mon remplaçant", "mercredi"),
        ("Je passe à 14:30", ""),
        ("je passerai", ""),
    ],
)
def test_a_visit_keeps_the_words_that_say_when(words: str, when: str) -> None:
    reading = read(words)
    assert reading.intents == ("visit",)
    assert reading.visit == when


@pytest.mark.parametrize(
    "words",
    [
        "pouvez-vous me préciser la créatinine ?",
        "On arrête le Previscan ?",
        "Merci de me transmettre le dernier ionogramme",
        "Quelle est la fonction rénale",
        "J'aurais besoin du compte rendu",
        "Voulez-vous que je passe jeudi ?",
    ],
)
def test_a_question_asks_and_does_nothing_else(words: str) -> None:
    assert read(words).intents == ("ask",)


@pytest.mark.parametrize(
    ("words", "intents"),
    [
        ("Merci pour votre courrier.", ("thanks",)),
        ("Bien reçu, merci", ("thanks",)),
        ("Ok pour moi, merci beaucoup", ("validate_all", "thanks")),
        ("D'accord pour tout, pouvez-vous préciser la créatinine ?", ("validate_all", "ask")),
        ("RAS, je le vois lundi", ("validate_all", "visit")),
        ("Merci pour ces précisions. D'accord pour tout", ("validate_all", "thanks")),
        ("Merci pour vos précisions sur l'arrêt", ("ask", "thanks")),
        ("Je passe mercredi. Merci de préparer le dossier", ("ask", "visit")),
        ("D'accord pour tout. Merci de garder le Kardegic", ("validate_all", "unclear")),
        ("Passer le furosémide à 20 mg", ("change",)),
        ("Stop Previscan, reprendre Eliquis", ("stop", "start")),
        ("Introduire Lasilix 20 mg", ("start",)),
    ],
)
def test_several_intents_are_said_in_one_order(words: str, intents: tuple[str, ...]) -> None:
    assert read(words).intents == intents


def test_an_assent_to_all_beside_a_change_is_said_to_be_mixed() -> None:
    reading = read("D'accord pour tout. Arrêter la 4")
    assert reading.intents == ("stop", "unclear")
    assert "reply_mixed" in codes("D'accord pour tout. Arrêter la 4")


def test_the_rest_is_not_approved_while_something_is_asked_of_no_line_in_particular() -> None:
    assert actions("Ligne 3 : 2,5 mg. Stop Kardegic. Le reste ok.") == {3: "change"}
    assert actions("Ok sauf la 3 : 2,5 mg. Arrêter aussi le Kardegic.") == {3: "change"}
    assert "unclear" in read("Ok sauf la 3 : 2,5 mg. Arrêter aussi le Kardegic.").intents
    assert read("Le reste est ok").intents == ("unclear",)


def test_a_rest_left_without_change_is_approved_by_a_person_only() -> None:
    """As the letter proposes it, or as it was before: the words do not say."""
    assert read("Le reste sans changement").intents == ("unclear",)
    assert codes("2 : 2,5 mg. Le reste inchangé.") == {"reply_rest_unchanged", "reply_partial"}


def test_words_not_understood_beside_an_assent_are_said() -> None:
    assert read("D'accord pour tout. Le Kardegic lui va bien").intents == ("validate_all", "unclear")


def test_a_line_that_does_not_exist_is_said_and_not_read() -> None:
    assert actions("9 stop") == {}
    assert "unclear" in read("9 stop").intents
    assert "reply_line_unknown" in codes("9 stop")
    assert actions("1 ok", lines=0) == {}


def test_two_different_answers_to_one_line_are_to_be_asked() -> None:
    assert actions("2 ok\n2 stop") == {2: "ask"}
    assert "reply_line_twice" in codes("2 ok\n2 stop")
    assert "unclear" in read("2 ok\n2 stop").intents


def test_an_instruction_after_the_closing_formula_is_not_lost() -> None:
    assert "reply_words_after_closing" in codes("Ok pour tout. Cordialement, Dr X\nAu fait, arrêter Previscan")
    assert "unclear" in read("Ok pour tout. Cordialement, Dr X\nAu fait, arrêter Previscan").intents
    assert actions("Cordialement\nPS : ligne 4 : stop") == {4: "stop"}


WORDS = (
    "1 2 9 ok stop arrêter 2,5 mg ? . / , la ligne sauf mais D’accord tout jeudi merci si é \u0301 à et : ß plus non"
)
PIECES = st.sampled_from([*WORDS.split(), "\n", "3 ", "ne pas", "pour tout", "je passe", "Cordialement", "le reste ok"])


@given(st.lists(PIECES | st.text(max_size=4), max_size=14).map(" ".join), st.integers(0, 6))
def test_any_text_is_read_without_error_and_within_its_lines(words: str, lines: int) -> None:
    reading = read_reply(words, lines=lines)
    numbers = [line.number for line in reading.lines]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(range(1, lines + 1))
    assert reading.intents or reading.lines
    assert all(line.text.replace(" / ", "") for line in reading.lines)


@given(
    st.lists(PIECES, max_size=8).map(" ".join), st.sampled_from(["ne pas arrêter", "n'arrêtez pas", "pas d'arrêt de"])
)
def test_a_negated_stop_is_never_read_as_a_stop(around: str, negated: str) -> None:
    for words in (f"{negated} le Kardegic", f"4 {negated} le Kardegic"):
        reading = read(words)
        assert "stop" not in reading.intents
        assert all(line.action != "stop" for line in reading.lines)
    assert "validate_all" not in read(f"{around}\n4 {negated}").intents
