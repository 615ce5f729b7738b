"""A fact with its sentence and place."""

from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import FactKind, ReadFact
from liaison.core.medication.from_text.statements import places_of

MOST_LABEL = 200
MOST_EXCERPT = 400
_AROUND = " \t.,;:-–—•*>►▪=()"


def fact_from(
    kind: FactKind,
    *sentences: Sentence,
    label: str = "",
    detail: str = "",
    start: str = "",
    end: str = "",
    doubts: tuple[str, ...] = (),
) -> ReadFact:
    """``sentences`` are where it is said, most often one; their headings on the same line are quoted too."""
    distinct = list(dict.fromkeys(sentences))
    tokens = [token for sentence in distinct for token in sentence.words.tokens]
    return ReadFact(
        kind=kind,
        label=tidy(label)[:MOST_LABEL],
        detail=tidy(detail)[:MOST_LABEL],
        start=start,
        end=end,
        excerpt=" … ".join(_quoted(sentence) for sentence in distinct)[:MOST_EXCERPT],
        page=next((token.page for token in tokens if token.page), None),
        places=places_of(tuple(tokens)),
        doubts=doubts,
    )


def tidy(text: str) -> str:
    """Without the signs around it; a bracket that closes one opened inside stays."""
    bare = text.strip(_AROUND)
    return f"{bare})" if bare.count("(") > bare.count(")") else bare


def _quoted(sentence: Sentence) -> str:
    return f"{sentence.title} {sentence.text}".strip()
