"""Replies as French mail programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.mail.quoting import split_reply

NEW = "Bonjour,\n\nOK pour arrêter le furosémide.\n\nCordialement\nDr Martin"

QUOTES = {
    "Outlook": (
        "________________________________\nDe : EHPAD Les Tilleuls <s@ehpad.mssante.fr>\n"
        "Envoyé : mardi 14 juillet 2026 10:02\nÀ : Dr Martin\nObjet : Lettre de liaison\n\nBonjour Docteur,"
    ),
    "Outlook, no rule, no blank": (
        "De: EHPAD\nEnvoyé: mardi 14 juillet 2026 10:02\nÀ: Dr Martin\nObjet: Lettre de liaison\n\nBonjour Docteur,"
    ),
    "Outlook, in bold": "*De :* EHPAD\n*Envoyé :* mardi\n*À :* Dr Martin\n*Objet :* Lettre\n\nBonjour Docteur,",
    "Outlook in English": "From: EHPAD\nSent: Tuesday\nTo: Dr Martin\nSubject: Lettre\n\nBonjour Docteur,",
    "Outlook, old": "-----Message d'origine-----\nDe : EHPAD\n\nBonjour Docteur,",
    "Gmail": "Le mar. 14 juil. 2026 à 10:02, EHPAD <s@ehpad.fr> a écrit :\n\n> Bonjour Docteur,\n>> avant",
    "Gmail, cut": "Le mar. 14 juil. 2026 à 10:02, EHPAD Les Tilleuls <\ns@ehpad.fr> a écrit :\n\n> Bonjour,",
    "Apple Mail": "> Le 14 juil. 2026 à 10:02, EHPAD <s@ehpad.fr> a écrit :\n> \n> Bonjour Docteur,",
    "Apple Mail, unmarked": "Le 14 juil. 2026 à 10:02, EHPAD <s@ehpad.fr> a écrit :\n\nBonjour Docteur,\nmerci.",
    "Thunderbird": "Le 14/07/2026 à 10:02, EHPAD a écrit :\n> Bonjour Docteur,\n> merci.",
    "Zimbra": '----- Mail original -----\nDe: "EHPAD" <s@ehpad.fr>\nÀ: "Dr"\nEnvoyé: Mardi\nObjet: Lettre\n\nBonjour,',
    "Transfer": "-------- Message transféré --------\nSujet : Lettre\nDate : mardi\n\nBonjour,",
    "English": "On Tue, Jul 14, 2026 at 10:02 AM EHPAD <s@ehpad.fr> wrote:\n> Bonjour,",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
def test_the_new_words_are_parted_from_the_quote(quote: str) -> None:
    assert split_reply(f"{NEW}\n\n{quote}\n") == (NEW, quote)


@pytest.mark.parametrize(
    "body",
    [
        NEW,
        "Le patient a écrit à sa famille.",
        "De : à revoir lundi\nOn arrête le furosémide.",
        "Le traitement : OK\nÀ : poursuivre",
        "Objet : rien à changer",
    ],
)
def test_words_that_only_look_like_a_quote_stay(body: str) -> None:
    assert split_reply(body) == (body, "")


def test_answers_between_the_quoted_lines_are_new_words() -> None:
    attribution = "Le 14/07/2026, EHPAD a écrit :"
    first, second = "> 1. furosémide 40 mg", "> 2. bisoprolol 2,5 mg"
    body = f"{attribution}\n{first}\nOK on arrête\n{second}\nà poursuivre\n\nDr M"
    new, quoted = split_reply(body)
    assert new == "OK on arrête\nà poursuivre\n\nDr M"
    assert quoted == f"{attribution}\n{first}\n{second}"


LINES = st.sampled_from([*"\n".join([NEW, *QUOTES.values()]).split("\n"), "", ">", "_" * 12, "De :", "a écrit :"])


@given(st.lists(LINES, max_size=25))
def test_no_line_is_lost_nor_said_twice(lines: list[str]) -> None:
    new, quoted = split_reply("\n".join(lines))
    words = sorted("\n".join(lines).split())
    assert sorted(f"{new}\n{quoted}".split()) == words


@pytest.mark.parametrize("piece", ["Le ", "De : ", "> ", "_", "Le x\n", "____________\n"])
def test_a_hostile_body_costs_no_more_than_its_size(piece: str) -> None:
    assert costs_no_more_than_its_size(split_reply, lambda size: piece * size, 15_000)
