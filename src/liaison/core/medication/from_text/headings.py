"""The headings of hospital letters: which part of the letter a line opens, and whether a drug may stand in it."""

import re
from dataclasses import dataclass

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED
from liaison.core.medication.from_text.cues import context_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.terminology import drug_names

Part = str
"""The code of a section of treatments, « changes », « allergies » or « other »; empty before any heading."""

CURRENT: Part = "current"
"""« Traitement actuel »: what one takes on arrival, or what one leaves with when the stay has been told."""

_DRUGS = (
    r"(?<![a-z])(?:traitements?|ttts?|tts?|therapeutiques?|medicaments?|medications?|ordonnances?|"
    r"prescriptions?|medicamenteux|molecules?|bilan medicamenteux|bmo|insulinotherapie|antalgiques|collyres)(?![a-z])"
)
_STOPPED = (
    r"(?:arretee?s?|arrets?|interrompue?s?|stoppee?s?|suspendue?s?|supprimee?s?|deprescri\w*|"
    r"retiree?s?|non (?:reconduits?|repris|poursuivis)|a ne pas reprendre|a arreter|stop)"
)
_CHANGED = (
    r"(?:modifi\w+|introdui\w+|inities?|instaures?|ajoutes?|nouveaux?|changements?|adaptations?|"
    r"majores?|debutes?)"
)
_DISCHARGE = (
    r"(?:(?:de|a la|pour la|en|a|au moment de la|du jour de|lors de la|post) ?sortie|sortie|"
    r"sortant|au retour|de retour|retour|a poursuivre|poursuivis?|de relais|maintenus?|"
    r"reconduits?|au decours|au terme|a la fin|rad\b"
    r"|preconises?|conseilles?|propose(?:e|s)?|actualises?|a l'issue|final|a suivre|en fin d'hospitalisation|emporte)"
)
_ADMISSION = (
    r"(?:(?:a|d'|avant l')\s?(?:l'|son )?(?:entree|admission|arrivee)|habituels?|personnels?|"
    r"perso|a domicile|au domicile|anterieurs?|avant (?:l'|son |cette )?hospitalisation|en cours|"
    r"initial|au long cours|de fond"
    r"|connus?|chroniques?|entree|pre-?hospitaliers?|usuels?|prealables?|avant l'entree|actuels?|"
    r"en ville|de l'ehpad|en ehpad|pris avant|quotidien|d'arrivee)"
)
_KEPT = r"(?:repris|poursuivi|reconduit|maintenu|inchange|conserve|renouvele|continue|identique)\w*"
_PERIOD = (
    r"(?:\s+(?:pendant|durant|au cours|lors|ce jour|depuis|dans le service|a l'identique|sans changement|"
    r"definiti\w+|temporaire\w*|transitoire\w*|progressi\w+).*)?"
)
_OTHER = (
    r"(?:motif|evaluations?|antecedents?|atcd|mode de vie|histoire|evolution|examens?|biologie|"
    r"bilan|synthese|conclusion|au total|diagnostics?|devenir|suivi|surveillance"
    r"|conduite a tenir|cat\b|consignes?|recommandations?|rendez-vous|rdv|vaccin\w*|autonomie|"
    r"clinique|imagerie|resultats?|discussion|prise en charge|paramedical|soins|dispositifs?|"
    r"regime"
    r"|informations?|identite|contexte|anamnese|constantes|parametres|courrier|cordialement|"
    r"confraternellement|veuillez|a l'entree|sur le plan|dans le service|pendant (?:le|son) "
    r"sejour|au cours"
    r"|hospitalisation$|facteurs|habitus|situation|projet|destinataires?|copies?|signature|docteur|dr |service|"
    r"hopital|centre hospitalier|tel|medecin|patiente?|nom|ne le|nee le|ins|remarques?|"
    r"commentaires?|transfusion|portage|actes?|interventions?|microbiologie|nutrition|probleme)"
)
_ALLERGIES = r"(?:allergies?|intolerances?|effets? indesirables?|allergies? et intolerances?)"
_NUMBERING = r"(?:(?:[ivx]{1,4}|\d{1,2}|[a-h])\s*[.)/-]\s*(?:\d{1,2}\s*[.)]\s*)?|[-•*=#>►▪–]+\s*)?"
_MAX_HEADING = 110
_MOST_WORDS = 7
_BULLETED = re.compile(r"^\s*(?:[-•*–▪◦►●‣·>»~+✓➢→]+|\d{1,2}\s?[.)](?=\s+\S))\s*")
_LEAD = re.compile(rf"^{_NUMBERING}(?P<title>[^:]{{3,{_MAX_HEADING}}}?)\s*(?P<colon>:|[-=]{{1,3}}>|→|$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """``part`` is what it opens; ``end`` is where the text after it starts, on the same line."""

    part: Part
    end: int


_TITLES: tuple[tuple[Part, re.Pattern[str]], ...] = (
    ("allergies", re.compile(rf"^{_ALLERGIES}")),
    (
        SECTION_DISCHARGE,
        re.compile(
            rf"^(?:reprise|poursuite|reconduction|maintien|renouvellement) (?:du|des|de|de la) .{{0,20}}{_DRUGS}"
        ),
    ),
    (SECTION_STOPPED, re.compile(rf"^(?:(?:ont|a) ete |sont |est |a )?{_STOPPED}{_PERIOD}$")),
    (
        SECTION_DISCHARGE,
        re.compile(
            rf"^(?:(?:ont|a) ete |sont |est )?{_KEPT}{_PERIOD}$|(?<!non ){_DRUGS}.{{0,40}}(?<!non )(?<!pas )\b{_KEPT}"
            rf"(?!.*{_STOPPED})"
        ),
    ),
    ("changes", re.compile(rf"^(?:(?:ont|a) ete |sont |est )?(?:{_CHANGED}|augmentee?s?|diminuee?s?){_PERIOD}$")),
    (
        "changes",
        re.compile(rf"(?:{_STOPPED}.*(?:/|,| et | ou ).*{_CHANGED}|{_CHANGED}.*(?:/|,| et | ou ).*{_STOPPED})"),
    ),
    (
        "changes",
        re.compile(rf"^(?:modifications?|changements?|adaptations?|ajustements?|evolution)\b.{{0,30}}{_DRUGS}"),
    ),
    (
        SECTION_STOPPED,
        re.compile(
            rf"{_DRUGS}.{{0,45}}\b{_STOPPED}\b|^{_STOPPED}\b(?:.{{0,25}}{_DRUGS}.*|\s*(?:pendant|durant|au "
            rf"cours|lors|ce jour).*)?$|^{_STOPPED} (?:de |des |du )?{_DRUGS}"
        ),
    ),
    (SECTION_DISCHARGE, re.compile(rf"{_DRUGS}.{{0,30}}(?:a poursuivre|a prendre|a donner|a continuer|a administrer)")),
    (
        "other",
        re.compile(
            rf"{_DRUGS}.{{0,20}}(?:recus?|dans le service|pendant (?:le|l'|son|cette)|administres?|durant "
            rf"(?:le|l')|au cours d)(?!.*{_STOPPED})"
        ),
    ),
    (
        SECTION_ADMISSION,
        re.compile(
            r"^(?:(?:a l'|avant (?:l')?)?(?:entree|admission|arrivee)|avant (?:l')?hospitalisation|a domicile)$"
        ),
    ),
    ("changes", re.compile(rf"{_DRUGS} suivants?$")),
    (CURRENT, re.compile(rf"^{_DRUGS}(?: \w+){{0,2}} (?:actuels?|en cours)(?: (?:de|du|pour) .*)?$")),
    (
        SECTION_ADMISSION,
        re.compile(
            rf"{_DRUGS}.{{0,30}}\bavant\b|{_DRUGS}.{{0,40}}(?<![a-z]){_ADMISSION}(?![a-z])(?!.*(?:sortie|"
            rf"retour))(?<!poursuivre)"
        ),
    ),
    (
        SECTION_DISCHARGE,
        re.compile(
            rf"{_DRUGS}.{{0,60}}(?<![a-z]){_DISCHARGE}(?![a-z])|^(?:a la sortie|sortie|sort avec|retour "
            rf"avec)\b.{{0,20}}(?:{_DRUGS})?.{{0,20}}$"
        ),
    ),
    (
        "changes",
        re.compile(
            rf"{_DRUGS}.{{0,40}}\b{_CHANGED}\b|^{_CHANGED}\b.{{0,30}}{_DRUGS}|^(?:introductions?|"
            rf"instaurations?|initiations?|ajouts?|nouveautes?)$"
        ),
    ),
    (
        SECTION_DISCHARGE,
        re.compile(
            r"^(?:ordonnance|prescriptions?(?: medicales?| medicamenteuses?)?|traitements?(?: "
            r"medicamenteux| prescrits?| medical| locale?| general| oral| symptomatique| associe| actif)?)$"
        ),
    ),
    ("other", re.compile(rf"^{_OTHER}")),
)
_SENTENCE = re.compile(
    r"(?<![a-z])(?:est|a ete|ont|avait|comportait|comprenait|associait|sont|etait|avons|nous|il|"
    r"elle|prend|prenait|comporte|comprend|associe)(?![a-z])"
)


_NAMING = re.compile(
    r"(?:noms? (?:du |de la )?)?(?:medicaments?|specialites?|produits?|dci|denominations?|molecules?)(?: \d+)?"
)
_ADMINISTRATIVE = re.compile(
    r"(?:patiente?|nom|prenom|ne le|nee le|date|medecin|docteur|dr|service|ins|ipp|nir|tel|poids|taille|age|sexe|"
    r"chambre|fait|signature|page|prescripteur|rpps|finess|adeli|identite|unite|hopital|site|secretariat|dossier|sejour|"
    r"clairance)\b"
)
_CONCLUDING = re.compile(
    r"conclusion|evolution|synthese|au total|devenir|discussion|dans le service|sortie|prise en charge"
)


def is_administrative(text: str) -> bool:
    """« Patient : … », « Date : … »: who and when, in the middle of whatever list."""
    return bool(_ADMINISTRATIVE.match(folded(text).lstrip(" -•*")))


def concludes(text: str) -> bool:
    """Whether a heading comes after the stay has been told."""
    return bool(_CONCLUDING.search(folded(text)))


def bullet_of(text: str) -> int:
    """How many characters the bullet at the start of a line takes."""
    found = _BULLETED.match(text)
    return found.end() if found else 0


def heading_of(text: str) -> Heading | None:
    """What a line opens, when it is a heading: alone on its line, or before a colon."""
    plain = folded(text)
    lead = _LEAD.match(plain)
    return (_within(text, lead) or _of_title(text, lead)) if lead else None


def _of_title(text: str, lead: re.Match[str]) -> Heading | None:
    title = lead["title"].strip(" .-–—=*_")
    has_colon = bool(lead["colon"])
    if _NAMING.fullmatch(title) and has_colon:
        return None
    if drug_names(title):
        return None
    announced = _announced(title) if has_colon else None
    if announced:
        return Heading(announced, lead.end())
    if not has_colon and _is_no_title(text, title):
        return None
    for part, pattern in _TITLES:
        if pattern.search(title) and (has_colon or part != "other" or _looks_like_title(text)):
            return Heading(part, lead.end())
    return Heading("other", lead.end()) if _looks_like_title(text) and not has_colon and text.isupper() else None


def _is_no_title(text: str, title: str) -> bool:
    """A sentence, an item, or one small word left alone by the width of a column."""
    is_a_word = text[:1].islower() and " " not in title
    goes_on = title.endswith((",", ";")) or bool(_FULL_STOP.search(title))
    return is_a_word or goes_on or bool(_SENTENCE.search(title)) or _is_an_item(text)


def _is_an_item(text: str) -> bool:
    """« - arrêt définitif des AINS »: after a dash stands an item, unless capitals or another dash make it a title."""
    return bool(_DASHED.match(text)) and not text.isupper() and not text.rstrip().endswith(("-", "–", "*"))


_FULL_STOP = re.compile(r"[a-z]{4}\. [a-z]")
_DASHED = re.compile(r"\s*[-•*–▪◦►●‣·»]\s*\S")


def _within(text: str, lead: re.Match[str]) -> Heading | None:
    """« CAT : retour ce jour avec »: words after a colon that announce a list are the heading."""
    rest = text[lead.end() :]
    plain = folded(rest).strip(" :")
    if (
        not lead["colon"]
        or not plain
        or drug_names(plain)
        or not (plain.endswith(("avec", "sous")) or rest.rstrip().endswith(":"))
    ):
        return None
    part = _announced(plain)
    return Heading(part, len(text)) if part else None


def _announced(title: str) -> Part | None:
    """« Elle prenait à domicile : », « À la sortie, le traitement comporte : »: a sentence that announces a list."""
    if not _SENTENCE.search(title) and not _LEADING.search(title):
        return None
    said = context_of(title)
    return {"discharge": SECTION_DISCHARGE, "admission": SECTION_ADMISSION}.get(said)


_LEADING = re.compile(r"(?:comporte|comprend|associe|suivants?|avec|sous|par|est)$")


def _looks_like_title(text: str) -> bool:
    """A short line that is no sentence: a few words, without a full stop at its end."""
    return len(text.split()) <= _MOST_WORDS and not text.rstrip().endswith((".", ";", ","))
