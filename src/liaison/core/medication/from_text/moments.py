"""What is taken at each moment of the day: « 1-0-1 », « matin et soir », « matin : 1, midi : 0 », « à 8 h »."""

import re
from dataclasses import dataclass, field, replace
from itertools import combinations

from liaison.core.cda.values import Moments
from liaison.core.medication.from_text.amounts import BARE, COUNT, FORM, MASS_AMOUNT, is_counted

_SCHEME_NUMBER = r"(?:\d{1,2}(?:[.,]\d{1,2})?\s?[½¼¾]?|\d/\d|[½¼¾])"
SCHEME = re.compile(
    rf"(?<![a-z0-9.,/-])({_SCHEME_NUMBER})\s*-\s*({_SCHEME_NUMBER})\s*-\s*({_SCHEME_NUMBER})"
    rf"(?:\s*-\s*({_SCHEME_NUMBER}))?(?![a-z0-9/-]|[.,]\d)"
)
_SLASH_SCHEME = re.compile(r"(?<![a-z0-9.,/-])(\d|½)\s?/\s?(\d|½)\s?/\s?(\d|½)(?:\s?/\s?(\d|½))?(?![a-z0-9/%-]|[.,]\d)")
_SPACED_SCHEME = re.compile(
    r"(?<![a-z0-9.,/-])(\d|½)[ ]{1,3}(\d|½)[ ]{1,3}(\d|½)(?:[ ]{1,3}(\d|½))?(?=\s*(?:$|[,;()]|si |pendant|po\b|per os))"
)
_LETTERED = re.compile(
    rf"(?<![a-z0-9])m\s*[:=]?\s*({_SCHEME_NUMBER})\s*[,;/-]?\s*(?:(?:mi|md|"
    rf"m)\s*[:=]?\s*({_SCHEME_NUMBER})\s*[,;/-]?\s*)?"
    rf"s\s*[:=]?\s*({_SCHEME_NUMBER})(?:\s*[,;/-]?\s*(?:c|n)\s*[:=]?\s*({_SCHEME_NUMBER}))?(?![a-z0-9])"
)

_HOUR = r"(?:\s?h(?:eures?)?(?:\s?[0-5]\d)?|:[0-5]\d)"
_MORNING = (
    r"(?:matins?|mat|petits?[ -]dejeuners?|petit[ -]dej|au reveil|au lever|le reveil|levers?|"
    rf"(?:0?[56789]|10){_HOUR})"
)
_NOON = rf"(?:midis?|dejeuners?|1[1234]{_HOUR})"
_EVENING = rf"(?:soirs?|soirees?|diners?|souper|vesperale?|(?:1[56789]|20){_HOUR})"
_BEDTIME = rf"(?:couchers?|nuits?|au lit|2[123]{_HOUR})"
_MOMENT = re.compile(
    rf"(?<![a-z0-9])(?<!apres[ -])(?:(?P<morning>{_MORNING})|(?P<noon>{_NOON})|"
    rf"(?P<evening>{_EVENING})|(?P<bedtime>{_BEDTIME}))(?![a-z0-9])"
)
_MEALS = re.compile(
    r"(?:aux?|avant les?|apres les?|pendant les?|a chaque|chaque|avant chaque|apres "
    r"chaque)\s+(?:(?:3|trois)\s+)?(?:repas|principaux repas)"
    r"|(?<![a-z0-9])(?:3|trois) (?:principaux )?repas"
)
_SET = re.compile(r"(?<![a-z0-9])m[ -]?m[ -]?s(?:[ -]?c)?(?![a-z0-9])")
_NOT_A_MOMENT = re.compile(
    r"(?:glycemies?|dextros?|ta|tension|poids|inr|selles?)\s+(?:\w+\s+)?(?:du\s+|le\s+|au\s+|a\s+)?$|(?:pas|jamais|sauf)\s+(?:le\s+)?$|"
    r"(?:depuis|jusqu'a|jusqu'au|des|hier|ce|demain|a partir d[eu])\s+(?:le\s+|ce\s+|demain\s+)?$|pendant (?:la|le)\s+$"
)
_NOT_AN_HOUR = re.compile(r"(?:les \d+ (?:a|ou|-) |les|/|q|par|pendant|sur|pdt|x)\s*$|(?:tou(?:te)?s les|chaque)\s+$")
_ARTICLE = re.compile(r"(?:(?<![a-z])(?:tous les|toutes les|chaque|le|la|les|au|aux|a la|a|avant le|pour la|vers)\s+)$")
_ZERO = frozenset({"0", "00"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """Moments with the characters that say them; ``start`` and ``end`` are -1 when nothing does."""

    moments: Moments = field(default_factory=Moments)
    start: int = -1
    end: int = -1
    amount: str = ""
    is_scheme: bool = False
    is_told_twice: bool = False

    @property
    def is_said(self) -> bool:
        return self.start >= 0


def read_schedule(text: str, usual: str = "") -> Schedule:
    """The schedule a folded text gives. ``usual`` is the amount of each intake where the text says none."""
    for pattern in (SCHEME, _LETTERED, _SLASH_SCHEME, _SPACED_SCHEME):
        for found in pattern.finditer(text):
            if not _is_a_date(found):
                return _of_scheme(found, text)
    return _of_words(text, usual)


def _is_a_date(found: re.Match[str]) -> bool:
    """« 05-11-26 » is a day: no intake is written with a leading nought."""
    return any(re.fullmatch(r"0\d", part or "") for part in found.groups())


def _of_scheme(found: re.Match[str], text: str) -> Schedule:
    numbers = [(part or "").replace(" ", "") for part in found.groups()]
    unit = _unit_after(text, found.end()) or _unit_before(text, found.start())
    said = [f"{number} {unit}" if unit and number and number not in _ZERO else number for number in numbers]
    given = {number for number in numbers if number and number not in _ZERO}
    amount = next(iter(given)) if len(given) == 1 else ""
    return Schedule(
        Moments(*said), found.start(), found.end(), f"{amount} {unit}".strip() if amount else "", is_scheme=True
    )


def _unit_after(text: str, end: int) -> str:
    found = re.match(rf"\s*({FORM}|ui|u|unites?|mg|ug|g|ml)(?![a-z0-9])", text[end:])
    unit = found[1] if found else ""
    return "" if is_counted(unit) else unit.upper() if unit in {"ui", "u"} else unit


def _unit_before(text: str, start: int) -> str:
    found = re.search(r"(?:^|[\s(,:;])(ui|unites?|gouttes?|gttes?|bouffees?)\s*[:=(]?\s*$", text[:start])
    unit = found[1] if found else ""
    return unit.upper() if unit == "ui" else unit


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    moment: str = ""
    amount: str = ""


def _of_words(text: str, usual: str) -> Schedule:
    everywhere = _MEALS.search(text) or _SET.search(text)
    pieces = sorted((*_moments_in(text), *_amounts_in(text)), key=lambda piece: piece.start)
    named = [piece for piece in pieces if piece.moment]
    if not named:
        return _three_times(everywhere, pieces, usual) if everywhere else Schedule()
    if everywhere and everywhere.start() < named[0].start:
        said = _three_times(everywhere, pieces, usual)
        return replace(said, moments=_filled(said.moments, named, pieces, usual), end=max(said.end, named[-1].end))
    moments = _filled(Moments(), named, pieces, usual)
    return Schedule(
        moments,
        _with_article(text, named[0].start),
        _last(named, pieces),
        _single(moments),
        is_told_twice=any(_is_told_again(one, other, text, pieces) for one, other in combinations(named, 2)),
    )


def _is_told_again(one: _Piece, other: _Piece, text: str, pieces: list[_Piece]) -> bool:
    """Two hours of one moment, or an amount of its own for each; « le matin au réveil » is one moment said twice."""
    if one.moment != other.moment:
        return False
    are_hours = text[one.start].isdigit() and text[other.start].isdigit()
    return are_hours or any(each.amount and one.end <= each.start < other.start for each in pieces)


def _with_article(text: str, start: int) -> int:
    """« le matin », « au coucher », « tous les soirs »: the small words before belong to the moment."""
    found = _ARTICLE.search(text[:start])
    return found.start() if found else start


def _last(named: list[_Piece], pieces: list[_Piece]) -> int:
    end = named[-1].end
    if not _amounts_follow(named, pieces):
        return end
    return next((piece.end for piece in pieces if piece.amount and piece.start >= end), end)


def _moments_in(text: str) -> list[_Piece]:
    return [
        _Piece(found.start(), found.end(), moment=str(found.lastgroup))
        for found in _MOMENT.finditer(text)
        if not _NOT_A_MOMENT.search(text[: found.start()])
        and not (found[0][0].isdigit() and _NOT_AN_HOUR.search(text[: found.start()]))
    ]


def _amounts_in(text: str) -> list[_Piece]:
    pieces = []
    taken: list[range] = []
    for pattern in (COUNT, MASS_AMOUNT, BARE):
        for found in pattern.finditer(text):
            if not any(found.start() in span or found.end() - 1 in span for span in taken):
                unit = found[2] if pattern is not BARE else ""
                amount = _amount(found[1], unit)
                if pattern is COUNT and found[3]:
                    amount = f"{amount},5" if amount.isdigit() else found[0]
                pieces.append(_Piece(found.start(), found.end(), amount=amount))
                taken.append(range(found.start(), found.end()))
    return pieces


def _amount(number: str, unit: str) -> str:
    number = _WRITTEN.get(number.strip(" -"), number.strip())
    if not unit or is_counted(unit):
        return number
    return f"{number} {unit.upper() if unit in {'ui', 'u'} else unit}"


_WRITTEN = {
    "un": "1",
    "une": "1",
    "deux": "2",
    "trois": "3",
    "quatre": "4",
    "cinq": "5",
    "six": "6",
    "sept": "7",
    "v": "5",
    "x": "10",
    "xv": "15",
    "xx": "20",
    "huit": "8",
    "dix": "10",
    "douze": "12",
    "demi": "1/2",
    "un demi": "1/2",
    "une demi": "1/2",
    "une demie": "1/2",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "un quart": "1/4",
    "un quart de": "1/4",
}


def _filled(start: Moments, named: list[_Piece], pieces: list[_Piece], usual: str) -> Moments:
    """Each moment with its own amount: the one before it, or the one after when amounts follow the moments."""
    follows = _amounts_follow(named, pieces)
    said: dict[str, str] = {}
    for piece in named:
        before = [each.amount for each in pieces if each.amount and each.end <= piece.start]
        after = _next_amount(piece, pieces)
        amount = after if follows and after else before[-1] if before and not follows else usual
        said.setdefault(piece.moment, amount or usual or "prise")
    return replace(start, **said)


def _amounts_follow(named: list[_Piece], pieces: list[_Piece]) -> bool:
    """« matin : 1, soir : 2 »: the last thing said is an amount, and nothing but a strength stands before the first."""
    last = pieces[-1]
    if not last.amount:
        return False
    between = [each for each in pieces if each.amount and each.start > named[0].start]
    return len(between) >= len(named)


def _next_amount(piece: _Piece, pieces: list[_Piece]) -> str:
    return next((each.amount for each in pieces if each.start >= piece.end and each.amount), "")


def _three_times(found: re.Match[str], pieces: list[_Piece], usual: str) -> Schedule:
    before = [each.amount for each in pieces if each.amount and each.end <= found.start()]
    amount = before[-1] if before else usual
    taken = amount or "prise"
    return Schedule(Moments(taken, taken, taken), found.start(), found.end(), amount)


def _single(moments: Moments) -> str:
    said = {text for text in (moments.morning, moments.noon, moments.evening, moments.bedtime) if text not in _ZERO}
    said.discard("")
    return next(iter(said)) if len(said) == 1 else ""
