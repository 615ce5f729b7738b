"""The posology said after a drug: its strength, dose, times, route, dates. Words are cut, never computed with."""

import re
from dataclasses import dataclass, field

from liaison.core.cda.values import Moments
from liaison.core.medication.from_text.amounts import COUNT, END, FORM, MASS_AMOUNT, NUMBER, RANGE, START, STRENGTH
from liaison.core.medication.from_text.dates import Period, read_period
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.moments import SCHEME, Schedule, read_schedule

_TIMES = rf"(?:{RANGE})"
_DAY = r"(?:jours?|journaliere?s?|j|24\s*h(?:eures?)?|die|d)"
_SPAN = r"(?:h(?:eures?)?|jours?|j|semaines?|sem|mois|ans?)"
_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?"
_WEEKDAYS = rf"{_WEEKDAY}(?:\s*(?:,|et|/|-)\s*(?:le\s+)?{_WEEKDAY})*"
FREQUENCY = re.compile(
    rf"(?:{START}|(?<=[a-z])(?=\s?[/x]))(?:"
    rf"x\s*\d+(?:\s*(?:/|par)\s*(?:{_DAY}|semaine|sem|mois))?"
    rf"|{_TIMES}\s*(?:fois|x|prises?|applications?|inhalations?|instillations?)\s*(?:/|par|"
    rf"tou(?:te)?s les|a la|chaque)?\s*(?:\d+\s*)?(?:{_DAY}|semaine|sem|mois|an){END}"
    rf"|en\s+(?:{_TIMES})\s*(?:prises?|fois|injections?)(?:\s*(?:/|par)\s*{_DAY})?"
    rf"|{NUMBER}\s*(?:jours?|j)\s*(?:sur|/)\s*(?:{NUMBER})"
    rf"|tou(?:te)?s\s+les\s+(?:{_TIMES}\s*(?:a\s*{_TIMES}\s*)?)?(?:{_SPAN}|{_WEEKDAYS}|matins?|soirs?|midis?)"
    rf"|q\s?\d+\s?h"
    rf"|(?:{_TIMES}\s*)?(?:/|par)\s*(?:\d+\s*)?(?:{_DAY}|semaine|sem|mois|an|\d+\s*{_SPAN}){END}"
    rf"|\d+\s*/\s*(?:{_DAY}|semaine|sem|mois){END}"
    rf"|(?:une? fois\s+)?(?:(?:le|chaque|les)\s+)?(?:sauf\s+(?:les?\s+)?)?{_WEEKDAYS}"
    rf"|quotidien(?:nement|ne)?|hebdomadaire(?:ment)?|mensuel(?:lement|le)?|trimestriel(?:le)?|bihebdomadaire"
    rf"|en continu|a jeun|(?:les |un )?jours? (?:im)?pairs?|chaque (?:semaine|mois|trimestre|annee|nuit)"
    rf"|dose unique|une seule prise"
    rf"|en une prise|hebdo|chaque jour|selon (?:inr|"
    rf"glycemies?|protocole|dextros?|schema)[a-z ]{{0,20}}"
    rf"){END}"
)
_SYMPTOM = (
    r"(?:besoin|necessaire|necessite|douleurs?|douloureux|algies?|algique|eva|fievre|temperature|"
    r"t°|hyperthermie|constipations?|constipee?|anxiete"
    r"|angoisses?|agitations?|agitee?|insomnies?|nausees?|vomissements?|diarrhees?|dyspnee|genes?|"
    r"oedemes?|toux|prurit|crises?"
    r"|reflux|brulures?|spasmes?|encombrement|hypoglycemies?|poussees?|demangeaisons|absence de selles?|pas de selles?"
    r"|troubles? du sommeil|selles?|oppression|angor|essoufflement|sifflements|convulsions?|"
    r"cephalees?|rgo|pyrosis|bronchospasme)"
)
_ADVERB = r"(?:(?:tres|fortes?|forte|importantes?|grosses?|une?|la|les|de|des|d')\s*){0,2}"
AS_NEEDED = re.compile(
    rf"(?<![a-z])(?:(?:si|en cas de?|en cas d'|lors des?|pour)\s*(?:le\s+)?{_ADVERB}{_SYMPTOM}{END}"
    rf"(?:\s*(?:ou|et|/)\s*{_ADVERB}{_SYMPTOM}{END})*|a la demande|au besoin|si besoin|"
    rf"(?:autant|aussi souvent) que necessaire|sb{END}|prn{END}|seulement si)"
)
_NEED_ONLY = re.compile(
    r"(?:si besoin|si necessaire|a la demande|au besoin|sb|prn|si le besoin|en cas de besoin|en "
    r"cas de necessite|autant que necessaire|aussi souvent que necessaire)"
)
_ROUTES = (
    ("orale", r"per os|po|p\.o\.?|voie orale|orale?|a avaler|buvables?|vo|iv/po"),
    ("sous-cutanée", r"sous[ -]cutanee?s?|s\.?/?c\.?|s/cut|en s\.?c\.?"),
    ("intraveineuse", r"intra[ -]?veineuse?s?|i\.?v\.?(?:[dls]{1,2})?|perfusion|ivse"),
    ("intramusculaire", r"intra[ -]?musculaire?s?|i\.?m\.?"),
    ("transdermique", r"transdermique|patchs?|timbres?|dispositifs? transdermiques?|voie percutanee"),
    ("sublinguale", r"sub[ -]?linguale?|sous la langue|s/l"),
    ("inhalée", r"inhalees?|inhalations?|bouffees?|bouff|aerosols?|nebulisations?|en chambre d'inhalation"),
    (
        "ophtalmique",
        (
            r"ophtalmiques?|collyres?|dans (?:chaque|l'|les deux|les 2) (?:[eo]eil|[eo]il|yeux|eil)|odg|"
            r"od|og|les deux yeux|chaque eil"
        ),
    ),
    ("rectale", r"rectale?|suppositoires?|suppos?|lavements?|intra[ -]?rectale?|ir"),
    ("nasale", r"nasale?|intra[ -]?nasale?|dans chaque narine"),
    ("vaginale", r"vaginale?|ovules?"),
    ("cutanée", r"cutanee?s?|local(?:e|ement)?|en application|topique|cremes?|pommades?"),
)
_ROUTE = re.compile("|".join(rf"(?P<r{place}>{START}(?:{words}){END})" for place, (_, words) in enumerate(_ROUTES)))


@dataclass(frozen=True, slots=True)
class Posology:
    """What is said of how a drug is taken, as written. ``strength`` stands beside the name, ``dose`` is one intake."""

    strength: str = ""
    dose: str = ""
    frequency: str = ""
    moments: Moments = field(default_factory=Moments)
    route: str = ""
    as_needed: bool = False
    condition: str = ""
    period: Period = field(default_factory=Period)
    is_stepped: bool = False

    @property
    def is_said(self) -> bool:
        return bool(self.dose or self.frequency or self.as_needed or self.moments != Moments())

    @property
    def is_timed(self) -> bool:
        """Whether it says when: an amount alone is no posology."""
        return bool(self.frequency or self.as_needed or self.moments != Moments())

    @property
    def is_whole(self) -> bool:
        """Whether it says how much too, or leaves it to the need."""
        return self.is_timed and bool(self.dose or self.as_needed or self.moments != Moments())


def read_posology(text: str, *, year: str = "") -> Posology:
    """The posology in ``text``, the words that follow a drug's name. ``year`` completes a day without its own."""
    plain = _blanked(_MEASURED, folded(text))
    strength = _strength(plain)
    period = read_period(plain, year)
    needed = AS_NEEDED.search(_blanked(STOP_IF, plain))
    rest = _without(plain, *period.spans, _span(needed))
    is_concentration = "/" in plain[slice(*strength)]
    if is_concentration or (_is_counted_out(_without(rest, strength)) and not _is_an_intake(rest, strength[1])):
        rest = _without(rest, strength)
    counted = _blanked(_EVERY_OTHER, _blanked(_ADVICE, _blanked(_TARGET, rest)))
    dose = _dose(counted)
    schedule = read_schedule(counted, _plain_amount(rest, dose, text, strength))
    return Posology(
        strength=text[slice(*strength)].strip(),
        dose=_dose_words(text, dose, strength, schedule),
        frequency=" ".join(_closed(text[slice(*span)]).strip(" ,;:") for span in _frequency(rest, schedule)),
        moments=schedule.moments,
        route=read_route(plain),
        as_needed=needed is not None,
        condition=_condition(text, needed),
        period=period,
        is_stepped=_is_stepped(
            _without(_blanked(_ADVICE, plain), strength, *period.spans),
            schedule,
            is_lowered=bool(_LOWERED.search(plain)),
        ),
    )


def _closed(words: str) -> str:
    """The words before a bracket they open and do not close: what it holds is said of something else."""
    return words if words.count("(") <= words.count(")") else words[: words.index("(")]


def _blanked(pattern: re.Pattern[str], plain: str) -> str:
    return pattern.sub(lambda found: " " * len(found[0]), plain)


def _is_stepped(plain: str, schedule: Schedule, *, is_lowered: bool) -> bool:
    """« 2 cp 5 jours puis 1 cp », « 1 ou 2 cp », a moment told twice: no single dose says it all, a person reads it."""
    if schedule.is_told_twice or is_lowered or _STEPS.search(plain):
        return True
    plain = _blanked(_MOST, plain)
    amounts = {found[0] for pattern in (COUNT, MASS_AMOUNT) for found in pattern.finditer(plain)}
    said = schedule.moments
    named = sum(bool(each) for each in (said.morning, said.noon, said.evening, said.bedtime))
    return not schedule.is_scheme and len(amounts) > 1 + named


# What is done of the dose later, or of what is measured, is no intake: « à adapter selon la glycémie du matin ».
_ADVICE = re.compile(
    r"(?:(?:a |puis a )?(?:adapt|ajust|reevalu|revoir|augmenter|diminuer|majorer|titr)\w*(?! (?:le|a|de) \d)|"
    r"selon |en fonction d|"
    r"(?:diminuer|augmenter|majorer|baisser)(?=[^,;.()]*\bsi\b)|si glyc|\d+ ?min\w* avant|protocole|prochain|dernier|"
    r"a retirer|a enlever|retrait|"
    r"ne pas depasser|sans depasser|max\w*|jusqu'a \d+ (?:fois|prises?|cp|gel)|intervalle|espac)[^,;.()]*"
)
STOP_IF = re.compile(
    r"(?:a )?(?:arreter|suspendre|stopper|interrompre|ne pas (?:donner|administrer|prendre)) (?:si|en cas)[^).;]*"
)
# What is measured of the person, never given: « clairance à 28 mL/min », « bradycardie à 44/min ».
_MEASURED = re.compile(r"(?:<|>|≤|≥|a )?\s*\d+(?:[.,]\d+)?\s*(?:ml/mi?n|mm ?hg|bpm|/mi?n)(?![a-z])")
_EVERY_OTHER = re.compile(rf"{NUMBER}\s*(?:jours?|j)\s*(?:sur|/)\s*(?:{NUMBER})")
_MOST = re.compile(rf"(?:soit|=|maximum|max|sans depasser|jusqu'a|dont)[^,;]*|{RANGE}\s*prises?{END}")
_LOWERED = re.compile(r"(?:diminu|decroi|baiss|augment|reduc|reduir|major)\w*\s+progressi")
_STEPS = re.compile(
    rf"(?<![a-z])(?:puis|ensuite|apres quoi|suivi de)\s+(?:a\s+|de\s+|par\s+)?{RANGE}|"
    r"(?<![a-z])(?:diminu\w+|augment\w+|reduire|baisser|majorer|decroiss\w+|degressi\w+|paliers?)\s+"
    r"(?:progressive\w*\s+)?(?:de|a|jusqu|par|sur)?\s*\d|"
    r"(?<![a-z])(?:sauf|hormis|excepte)(?![a-z])|"
    r"(?<![a-z])si\s*[<>≥≤]|(?<![a-z])(?:decroissance|degressi\w+|schema|par paliers?|en alternance|alterner)(?![a-z])"
)


_FEWEST_OF_A_STRENGTH = 15
_UNITLESS = re.compile(
    rf"(?<=^)\s*(?:(?:chrono|lp|xr|retard|respimat|solostar|flexpen|kwikpen|turbuhaler|diskus|fort)\s+)?(?P<n>\d+(?:[.,]\d+)?(?:/\d+(?:[.,]\d+)?)?)(?![\d.,/])(?=\s*(?:$|[,:;)(]|-\s+|"
    rf"{RANGE}\s*{FORM}{END}|{SCHEME.pattern}|(?:le |au )?(?:matin|midi|soir|coucher)|"
    rf"{RANGE}\s*(?:/|x|par|fois|jours?|j\b|(?:le |au )?(?:matin|midi|soir|coucher))|per os|po |\.|et |puis ))"
)


def _strength(plain: str) -> tuple[int, int]:
    """The strength with its unit; a large number right after the name is one too, whatever amounts come after it."""
    bare = _UNITLESS.match(plain)
    is_large = bare is not None and bare["n"].isdigit() and int(bare["n"]) >= _FEWEST_OF_A_STRENGTH
    return _span(bare if is_large else STRENGTH.search(plain) or bare)


def _span(found: re.Match[str] | None) -> tuple[int, int]:
    return found.span() if found else (0, 0)


def _is_counted_out(rest: str) -> bool:
    """Whether intakes are said beside the strength, as tablets or by a scheme; else the strength is the dose."""
    return bool(
        COUNT.search(rest) or MASS_AMOUNT.search(rest) or _BARE_DOSE.search(rest) or read_schedule(rest).is_scheme
    )


def _is_an_intake(rest: str, end: int) -> bool:
    """« 40 mg le matin et 20 mg le midi »: masses that go with moments are intakes, not strengths."""
    return bool(_MOMENT_NEXT.match(rest, end)) and not COUNT.search(rest)


_TARGET = re.compile(
    r"(?:inr|cible|objectif|glycemies?|dextros?|ta\b|tas\b|fc\b|eva|sat\w*)[^,;)]{0,12}?\d[\d.,"
    r"]*(?:\s*(?:a|et|-|/)\s*\d[\d.,]*)?"
)
_MOMENT_NEXT = re.compile(
    r"\s*(?:le |au |a )?(?:matin|midi|soir|coucher)(?!\s*:?\s*\d+(?:[.,/]\d+)?(?!\s*(?:mg|g|ug|ui|u|ml)))"
)


def _dose_words(text: str, dose: tuple[int, int] | None, strength: tuple[int, int], schedule: Schedule) -> str:
    if dose:
        return text[slice(*dose)].strip()
    if schedule.is_scheme or schedule.amount[:1].isdigit():
        return schedule.amount
    said = text[slice(*strength)].strip()
    return "" if said.endswith("%") else said


def read_route(plain: str) -> str:
    found = _ROUTE.search(plain)
    return _ROUTES[int(str(found.lastgroup)[1:])][0] if found else ""


def _without(plain: str, *spans: tuple[int, int]) -> str:
    """The text with these spans blanked, so that places stay the same."""
    for start, end in spans:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return plain


def _dose(rest: str) -> tuple[int, int] | None:
    found = COUNT.search(rest) or MASS_AMOUNT.search(rest)
    if found and found[2] != "%":
        return found.span()
    bare = _BARE_DOSE.search(rest)
    return bare.span(1) if bare else None


_BARE_DOSE = re.compile(
    rf"(?<![a-z0-9.,/-])({RANGE})\s*(?:(?:le|au|a|chaque)\s+(?:matin|midi|soir|coucher|petit)|"
    rf"matin|midi|soir|coucher|(?:,\s*)?\d+\s*(?:fois|x)|x\s*\d)"
)


def _plain_amount(rest: str, dose: tuple[int, int] | None, text: str, strength: tuple[int, int]) -> str:
    """The amount of one intake as the moments show it: « 1 » for one tablet, else the words."""
    if dose is None:
        return text[slice(*strength)].strip()
    return read_schedule(f"{rest[slice(*dose)]} matin").moments.morning


def _frequency(rest: str, schedule: Schedule) -> list[tuple[int, int]]:
    """The spans that say when: the moments, and the words of a rhythm beside them."""
    spans = [(schedule.start, schedule.end)] if schedule.is_said else []
    for found in FREQUENCY.finditer(rest):
        if not any(start < found.end() and found.start() < end for start, end in spans):
            spans.append(found.span())
    return sorted(spans)


def _condition(text: str, needed: re.Match[str] | None) -> str:
    if needed is None or _NEED_ONLY.fullmatch(needed[0]):
        return ""
    return text[needed.start() : needed.end()].strip()
