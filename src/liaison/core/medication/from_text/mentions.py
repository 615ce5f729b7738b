"""The drugs named in some words: a brand with its substance in brackets is one drug, two substances joined are one."""

import re
from dataclasses import dataclass, replace

from liaison.core.medication.from_text.amounts import STRENGTH
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import bullet_of
from liaison.core.medication.from_text.terminology import Name, drug_names

_VITAMIN = re.compile(r"vit(?:amine)? d")
_JOINED = re.compile(r"\s*/\s*(?:acide )?")
_DOUBLE = re.compile(r"[\s:,]*\d+(?:[.,]\d+)?\s*(?:mg|ug|g)?\s*/\s*\d")
_ALIAS = re.compile(
    r"[^a-z(\[]*(?:lp |gr |ge |mg |cp |gel |comprimes? )?\s*[(\[]\s*(?:dci\s*:?\s*|=\s*|ex\.? |"
    r"gen(?:erique)?\.? )?"
)
_IN_BRACKETS = re.compile(r"\s?\((?:[a-z]+[\s/,+-]+){0,2}")
_SAID = re.compile(r"arret|rempla|relais|lieu|place|ex-|anci|si |sous|avec|selon")
_CLOSED = re.compile(r"\s*[)\]]")
_JUXTAPOSED = re.compile(r" | ?\+ ?(?=$)")
_BESIDE = re.compile(r"\s*[-=:,]?\s*")
_CLOSING = re.compile(r"[^()\[\];.]{0,25}[)\]]")
_HEAD = re.compile(
    r"(?P<name>[A-ZÀ-Ý][\w'’À-ÿ-]{3,}(?:[ -](?:[A-ZÀ-Ý][\w'’-]+|(?:de|d'|du)? ?[a-zà-ÿ]{4,}(?= "
    r"?(?:\(|\d|[a-z]+ \d)))){0,3})"
    r"\s*(?:\([^()]{3,40}\))?\s*(?:,|:|LP|comprimés?|gélules?)?\s*(?=\d{1,4}(?!\d))"
)
_STOPPED_HEAD = re.compile(
    r"(?P<name>[A-ZÀ-Ý][\w'’À-ÿ-]{3,}(?: [\w'’À-ÿ-]{2,}){0,2})\s*(?=[:(→–]|->| - |, [a-zà-ÿ]|"
    r"arrêt)"
)
_NO_NAME = re.compile(
    r"(?:page|mmse?s?|gir|adl|iadl|evaluation|tel|fax|dr|docteur|pr|mme|madame|monsieur|le|la|les|"
    r"tension|poids|taille|age|score|mms|mmse|gir|chambre|service|pole|rue|bp|cs|cedex|date|"
    r"consultation|rdv|"
    r"creatinine|hemoglobine|potassium|kaliemie|natremie|crp|inr|ta|fc|fr|sat|sao2|spo2|"
    r"temperature|imc|albumine|ecg|scanner|irm|radio|semaine|janvier|fevrier|mars|avril|mai|juin|"
    r"juillet|aout|septembre|octobre|novembre|decembre|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    r"dimanche|kinesitherapie|ide|pansements?|surveillance|bilan|controle|prochain\w*|regime|"
    r"oxygene|bas|contention|matin|midi|soir|coucher|prise|comprime|gelule|sachet|posologie|arret|"
    r"traitement|patient|sortie|entree|hospitalis\w+|depuis|environ|soit|dose|"
    r"injecter|prendre|appliquer|instiller|mettre|inhaler|poser|renouveler|avaler|donner|administrer|boire|dissoudre|"
    r"lieu|matricule|noms?|prenoms?|premier|ins|ipp|nir|sexe|nee?|naissance|rpps|finess|medecin|dossier|sejour|"
    r"changer|retirer|garder|faire|espacer|puis|pendant|avant|apres|selon|voir)"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One drug named: where its name is, its ATC code if sure; ``is_guessed`` when no terminology knows it."""

    start: int
    end: int
    atc: str
    is_measured: bool = False
    is_guessed: bool = False


def mentions_in(plain: str) -> tuple[Mention, ...]:
    found: list[Mention] = []
    for name in drug_names(plain):
        here = _mention(name)
        last = found[-1] if found else None
        merged = _merged(plain, last, here) if last else None
        if merged:
            found[-1] = merged
        else:
            found.append(here)
    return tuple(_whole(plain, each) for each in found)


def _whole(plain: str, mention: Mention) -> Mention:
    """« carbonate de calcium », « XATRAL LP »: the salt before and the release after are of the name."""
    salt = _SALT.search(plain[: mention.start])
    release = _RELEASE.match(plain, mention.end)
    return replace(
        mention,
        start=salt.start() if salt else mention.start,
        end=release.end() if release else mention.end,
        is_measured=mention.is_measured and not salt,
    )


_SALT = re.compile(
    r"(?<![a-z])(?:(?:bi)?carbonate|chlorure|sulfate|gluconate|citrate|chlorhydrate|acetate|"
    r"phosphate|valproate|alginate|acide|bromure|tartrate|maleate|besilate|sels? ferreux)(?: de | "
    r"d'|\s)$"
)
_RELEASE = re.compile(r"\s(?:lp|l\.p\.|retard|oro|xr|sr)(?![a-z0-9])")


def guessed_mention(text: str, *, is_stopped: bool = False) -> Mention | None:
    """A drug that no terminology knows, at the head of a line of treatments: a capitalised name before a number.

    In a list of stopped drugs, a name before a colon, an arrow or a bracket is enough: the reason follows.
    """
    bullet = bullet_of(text)
    head = _HEAD.match(text, bullet) or (_STOPPED_HEAD.match(text, bullet) if is_stopped else None)
    if head is None or _NO_NAME.match(folded(head["name"])):
        return None
    return Mention(bullet, head.end("name"), "", is_guessed=True)


def guessed_after(text: str, known: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Unknown drugs further on in a list on one line: a capitalised name and a strength, after a separator."""
    guesses = []
    for found in _NEXT.finditer(text):
        inside = any(each.start < found.end("name") and found.start("name") < each.end for each in known)
        if not inside and not _NO_NAME.match(folded(found["name"])):
            guesses.append(Mention(found.start("name"), found.end("name"), "", is_guessed=True))
    return tuple(guesses)


_NEXT = re.compile(
    r"(?:[;,|+]|//?)\s+(?P<name>[A-ZÀ-Ý][\w'’À-ÿ-]{3,}(?: [A-ZÀ-Ý][\w'’-]+){0,2}(?: "
    r"LP)?)\s*(?:\([^()]{3,40}\)\s*)?(?=\d+(?:[.,]\d+)?\s*(?:mg|µg|g|UI|MG|ΜG|UI|microg))"
)


def guessed_in_prose(text: str, known: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Unknown drugs of a sentence: a capitalised name after « le », « par », « sous »…, with a strength after it."""
    return tuple(
        Mention(found.start("name"), found.end("name"), "", is_guessed=True)
        for found in _IN_PROSE.finditer(text)
        if not any(each.start < found.end("name") and found.start("name") < each.end for each in known)
        and not _NO_NAME.match(folded(found["name"]))
    )


_IN_PROSE = re.compile(
    r"(?<![\w])(?:le |la |l'|du |de |d'|par |sous |ajoute |,\s)(?P<name>[A-ZÀ-Ý][\wÀ-ÿ-]{4,}(?: "
    r"LP)?)\s*(?:\([^()]{3,40}\)\s*)?"
    r"(?=\d+(?:[.,]\d+)?\s*(?:mg|µg|UI|microg))"
)


_WITHIN = 4


def starts_with_drug(plain: str, within: int = _WITHIN) -> bool:
    """Whether a line begins with the name of a drug, a bullet before it or not."""
    bullet = bullet_of(plain)
    names = drug_names(plain[: bullet + 60])
    return bool(names) and names[0].start - bullet <= within


_OPENING = re.compile(
    r"(?:[a-z0-9'()/. -]{2,40}:|(?:arret|stop|suspension|introduction|ajout|reprise|majoration|augmentation|diminution|"
    r"baisse|poursuite|maintien|relais|remplacement|switch)\w*(?: (?:du|de la|de l'|de|d'|des|par))?)\s*"
)


def opens_item(plain: str) -> bool:
    """Whether a line begins an item of its own: with a drug, or with a label or a decision right before one."""
    bullet = bullet_of(plain)
    names = drug_names(plain[: bullet + 80])
    return bool(names) and (
        names[0].start - bullet <= _WITHIN or _OPENING.fullmatch(plain, bullet, names[0].start) is not None
    )


def _mention(name: Name) -> Mention:
    return Mention(name.start, name.end, name.atc, name.is_measured)


def _merged(plain: str, one: Mention, other: Mention) -> Mention | None:
    """Both as one drug, when the words between say they are: two substances joined, or one name in brackets."""
    between = plain[one.end : other.start]
    if _JOINED.fullmatch(between) or (between == " " and _DOUBLE.match(plain, other.end)):
        return replace(one, end=other.end, atc="", is_measured=False)
    if between in (" ", " + ", "/") and _VITAMIN.match(plain, other.start) and one.atc.startswith("A12"):
        return replace(one, end=other.end)
    if _JUXTAPOSED.fullmatch(between) and one.atc[:3] == other.atc[:3] != "":
        return replace(one, end=other.end, atc="" if one.atc != other.atc else one.atc)
    if _is_inside(plain, one, other):
        closing = _CLOSED.match(plain, other.end)
        return replace(one, end=closing.end() if closing else other.end)
    if _is_alias(plain, one, other):
        closing = _CLOSING.match(plain, other.end)
        end = closing.end() if closing and not STRENGTH.search(closing[0]) else other.end
        return replace(one, end=end, atc=one.atc or other.atc)
    same = bool(one.atc) and one.atc == other.atc and _BESIDE.fullmatch(between)
    return replace(one, end=other.end) if same else None


def _is_inside(plain: str, one: Mention, other: Mention) -> bool:
    """« EUTHYRAL (liothyronine lévothyroxine) »: brackets right after a name, that say nothing but names."""
    between = plain[one.end : other.start]
    named = plain[one.start : one.end]
    opened = named.count("(") > named.count(")") and re.fullmatch(r"[a-z\s/,+-]{0,30}", between)
    return bool(opened or _IN_BRACKETS.fullmatch(between)) and not _SAID.search(between)


def _is_alias(plain: str, one: Mention, other: Mention) -> bool:
    """« KARDEGIC 75 mg (acide acétylsalicylique) »: the other name of the drug, in brackets after its strength."""
    between = plain[one.end : other.start]
    salt = _SALT.search(between)
    unstrengthened = STRENGTH.sub(" ", between[: salt.start()] if salt else between)
    closes = _CLOSING.match(plain, other.end)
    return bool(_ALIAS.fullmatch(unstrengthened) and closes and (_alike(one, other) or _CLOSED.match(plain, other.end)))


def _alike(one: Mention, other: Mention) -> bool:
    """Whether both may be one substance: brackets hold the other name of a drug, and sometimes another drug."""
    return not one.atc or not other.atc or one.atc[:3] == other.atc[:3]
