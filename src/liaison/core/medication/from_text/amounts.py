"""How amounts of a drug are written in French prescriptions. Patterns are for folded text."""

import re

NUMBER = (
    r"(?:\d{1,2}\s*[½¼¾]|\d+\s*(?:et|\+)\s*(?:1/2|demi)|\d+(?:[ .]\d{3})+(?![\d])|"
    r"\d+\s?/\s?\d(?!\d)|\d+(?:[.,]\d+)?|[½¼¾]"
    r"|[vx]{1,3}(?=\s+g(?:ou)?t)|une? demie?(?:-)?|demi-?|un quart(?: de)?|trois quarts(?: de)?|"
    r"une?|deux|trois|quatre|cinq|six|sept|"
    r"huit|dix|douze)"
)
RANGE = rf"{NUMBER}(?:\s*(?:a|ou|-)\s*{NUMBER})?"
MASS = (
    r"(?:millions? d'ui|mui|milligrammes?|mgr?|microgrammes?|mcg|ug|gammas?|grammes?|gr|g|unites?(?: internationales?)?"
    r"|u\.?i\.?|u|ml|mmol|meq|kcal|%|cm2|l(?=\s*/\s*min))"
)
FORM = (
    r"(?:comprimes?|comps?\.?|cprs?|cps?|cpm|tablettes?|gelules?|gels?\.?|gellules?|capsules?|"
    r"caps?|sachets?(?:-dose)?|sach"
    r"|ampoules?|amp|gouttes?|gttes?|gtts?|bouffees?|bouff|inhalations?|patchs?|dispositifs?(?: transdermiques?)?"
    r"|timbres?|suppositoires?|suppos?|injections?|injectables?|inj|cuilleres?(?:[ -]?(?:a|"
    r"mesures?)(?: ?(?:soupe|cafe|dessert))?)?"
    r"|c\.?a\.?[cs]\.?|"
    r"c\.?[sc]\.?(?= ?/| par| le| au| matin| x|$)|briques?|pots?|"
    r"doses?(?:-poids)?|mesures?|dosettes?|applications?|appl|pulverisations?|"
    r"pulv|vaporisations?|ovules?|stylos?|flacons?"
    r"|seringues?|aerosols?|nebulisations?|pressions?|lavements?|sprays?|batonnets?|poches?|"
    r"bouteilles?|pilules?|pastilles?|unidoses?|prises?)"
)
END = r"(?![a-z0-9])"
START = r"(?<![a-z0-9.,])"

STRENGTH = re.compile(
    rf"{START}(?:\d+(?:[ .]\d{{3}})+|\d+(?:[.,]\d+)?)(?:\s?/\s?\d+(?:[.,]\d+)?){{0,2}}\s*{MASS}{END}"
    rf"(?:\s*(?:/|par(?=\s*(?:ml|dose)))\s*(?:\d+(?:[.,]\d+)?\s*)?(?:{MASS}|h(?:eures?)?|doses?|min){END}(?!\s*h\b))*"
)
COUNT = re.compile(
    rf"(?<![a-z0-9.,/-])({RANGE})\s*({FORM}){END}(?!-)(\s+(?:et\s+)?(?:demie?|1/2|½){END}(?!\s*{FORM}))?"
)
MASS_AMOUNT = re.compile(rf"(?<![a-z0-9.,-])({RANGE})\s*({MASS}){END}")
BARE = re.compile(
    rf"(?<![a-z0-9.,/-])({RANGE})(?![a-z0-9/%]|[.,]\d|\s*(?:fois|x\b|h\b|heures|jours?|j\b|sem|"
    rf"mois|ans?\b|kg|mmhg|bpm|cm\b|mm\b|kcal))"
)

_MEASURED_FORM = re.compile(r"(?:gout|gt|bouf|dose|cuil|c\.?a|mesure|pul|vapor|press|appli|spray)")
_FORM = re.compile(FORM)


def is_counted(unit: str) -> bool:
    """Whether a bare number says it all: a tablet, a capsule, a sachet; not a drop, a unit or a milligram."""
    return bool(_FORM.fullmatch(unit)) and not _MEASURED_FORM.match(unit)
