"""The headings of a letter under which facts stand, and those that close them."""

import re
from dataclasses import dataclass
from typing import Literal

from liaison.core.medication.from_text import headings as of_treatments
from liaison.core.medication.from_text.dates import DAY
from liaison.core.medication.from_text.folding import folded

Part = Literal["", "allergies", "carriage", "problems", "history", "follow_up", "expected", "other"]

_NUMBERING = r"(?:(?:[ivx]{1,4}|\d{1,2}|[a-h])\s*[.)/-]\s*(?:\d{1,2}\s*[.)]\s*)?|[-•*=#>►▪–]+\s*)?"
_LEAD = re.compile(rf"^{_NUMBERING}(?P<title>[^:]{{2,80}}?)\s*(?P<colon>:|$)")
_MOST_WORDS = 9
_DAY = re.compile(DAY)
_DASH = re.compile(r"\s*[-•*–▪◦►●‣·]")
_CLOSING = re.compile(
    r"^(?:mode de vie|histoire|evolution|examens?|biologie|bilan|synthese|conclusion|au total|devenir|autonomie|"
    r"clinique|"
    r"imagerie|resultats?|discussion|prise en charge|soins|dispositifs?|regime|informations?|contexte|anamnese|"
    r"constantes|"
    r"parametres|courrier|cordialement|bien cordialement|confraternellement|veuillez|a l'entree|sur le plan|"
    r"dans le service|"
    r"facteurs|situation|projet|destinataires?|copies?|signature|docteur|dr|service|hopital|centre hospitalier|"
    r"remarques?|commentaires?|transfusion|actes?|interventions?|microbiologie|nutrition|vaccin\w*|antecedents?|"
    r"motif)"
    r"(?![a-z])"
)
_TITLES: tuple[tuple[Part, re.Pattern[str]], ...] = (
    (
        "allergies",
        re.compile(
            r"^(?:allergies?|intolerances?|hypersensibilites?|(?:antecedents?|terrain|atcd) allergiques?)"
            r"(?:\s*(?:et|/|ou|,|-)\s*(?:allergies?|intolerances?|hypersensibilites?|effets? indesirables?))*"
            r"(?:\s+(?:connues?|medicamenteuses?|alimentaires?|signalees?|du patient|de la patiente|declarees?))*$"
        ),
    ),
    (
        "carriage",
        re.compile(
            r"^(?:(?:statut|portage|depistage|recherche|ecologie|colonisation|risque|bacteries?)\s+(?:de |des |"
            r"d'|a |en )?)?"
            r"(?:bmr|bhre?|bacteri\w+(?: (?:hautement|multi)[- ]?resistantes?)?|portages?|risque infectieux)"
            r"(?:\s*(?:et|/|ou|,|-)\s*(?:bmr|bhre?|portages?|colonisations?))*$"
        ),
    ),
    (
        "expected",
        re.compile(
            r"^(?:(?:resultats?|examens?|analyses?|bilans?|prelevements?|elements?)\b.{0,40}(?:en attente|attendus?|"
            r"a recuperer|en cours|a venir|a suivre|(?:non|pas) (?:encore )?(?:parvenus?|rendus?|disponibles?|"
            r"revenus?|recus?|communiques?)|a recevoir)|en attente|restent? (?:a recuperer|a recevoir|en attente|"
            r"attendus?)|attente de resultats?)"
            r"(?: (?:a|lors de|au moment de) la sortie)?$"
        ),
    ),
    (
        "follow_up",
        re.compile(
            r"^(?:(?:prochains? )?(?:rendez-vous|rdv)\b.{0,30}|(?:suivi|suites?|surveillance|consultations?|"
            r"examens?|controles?|actes?)(?: (?:medical|post[- ]?hospitalier|ulterieur|ambulatoire|a prevoir|"
            r"prevue?s?|a programmer|programmee?s?|a donner|a realiser|a organiser|propose|preconise|de suivi|"
            r"en ville|complementaires?|apres la sortie|a distance))*"
            r"|conduite a tenir|cat|(?:consignes|recommandations)(?: (?:de |pour |a )?.{0,25})?|a (?:prevoir|"
            r"faire|programmer)"
            r"|programme de suivi|modalites de suivi|suite de la prise en charge)$"
        ),
    ),
    ("other", re.compile(r"^(?:antecedents?|atcd)\s+familiaux|^(?:mode de vie|motif)\b")),
    (
        "problems",
        re.compile(
            r"^(?:diagnostics?|problemes?|pathologies?|comorbidites?|liste des problemes|maladies?)"
            r"(?: (?:principal|principaux|associee?s?|retenue?s?|secondaires?|de sortie|a la sortie|finale?s?|"
            r"actifs?|"
            r"actives?|en cours|de sante|medicaux|du sejour|significatifs|chroniques?|traites?|identifies?|et))*$"
        ),
    ),
    (
        "history",
        re.compile(
            r"^(?:antecedents?|atcd)(?: (?:medicaux|chirurgicaux|personnels?|principaux|medico-chirurgicaux|"
            r"notables?|"
            r"connus|significatifs|cardiovasculaires|et|\(?principaux\)?))*$|^(?:medicaux|chirurgicaux|gynecologiques|"
            r"cardiovasculaires|orthopediques|neurologiques|psychiatriques)$"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line opens; ``end`` is where the text after it starts, on the same line."""

    part: Part
    end: int


def heading_of(text: str) -> Heading | None:
    """A heading alone on its line or before a colon: of facts, or of anything else, which closes what was open."""
    lead = _LEAD.match(folded(text))
    title = lead["title"].strip(" .-–—=*_()") if lead else ""
    is_sentence = text.rstrip().endswith(".") and not (lead and lead["colon"])
    if lead and len(title.split()) <= _MOST_WORDS and not is_sentence:
        for part, pattern in _TITLES:
            if pattern.search(title):
                return Heading(part, lead.end())
    known = of_treatments.heading_of(text)
    colon = bool(lead and lead["colon"])
    if is_sentence or (not colon and _DAY.search(title)):
        return None
    if known is None or (known.part in ("other", "allergies") and not _closes(text, title, colon=colon)):
        return None
    return Heading("other", known.end)


def _closes(text: str, title: str, *, colon: bool) -> bool:
    """A title, not an item of a list that begins like one: « - HTA », « Insuffisance rénale », « DIABÈTE »."""
    if _DASH.match(text):
        return False
    return colon or bool(_CLOSING.search(title))
