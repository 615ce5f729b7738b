"""What the words of one clause of a doctor's answer say, in French as it is written.

Nothing is guessed: a clause with a question mark asks, a clause with a negation or a condition is in doubt, and so is
one that says two things. Patterns read folded text: lower case, no accent, same length as the words themselves.
"""

import re
import unicodedata
from typing import Literal

from liaison.core.medication.line import named

Act = Literal["ok", "change", "stop", "start"]
Meaning = Literal["ok", "change", "stop", "start", "ask", "visit", "thanks", "courtesy", "doubt", "unread"]

_DOING: dict[str, Act] = {"stopped": "stop", "started": "start"}
_MOST_OTHER_WORDS_BESIDE_AN_ASSENT = 2

UNIT = (
    r"(?:[/%]|mg|g|gr|mcg|ug|µg|μg|microg\w*|ml|ui|u|unites?|cp|cpr|comp\w*|gel\w*|gouttes?|gttes?|gtt|sachets?|amp\w*|"
    r"patchs?|inj\w*|doses?|prises?|fois|x|h|heures?|min\w*|jours?|j|semaines?|sem|mois|ans?|kg|mmol|meq)(?![a-z])"
)
_MEASURE = (
    r"(?:mg|gr?|mcg|ug|µg|μg|microg\w*|ml|ui|unites?|cp|cpr|comp\w*|gel\w*|gouttes?|gttes?|gtt|sachets?|amp\w*|"
    r"patchs?|inj\w*|mmol|meq)(?![a-z])"
)
_QUANTITY = rf"(?:\d{{1,9}}(?:[.,]\d{{1,9}})?|\b[13]/[24]|[½¼¾])\s*{_MEASURE}"
_AMOUNT = re.compile(rf"{_QUANTITY}|\b\d-\d-\d(?:-\d)?\b")
_DOSE = re.compile(
    rf"\d{{1,9}}(?:[.,]\d{{1,9}})?\s*{UNIT}|"
    r"\b\d-\d-\d(?:-\d)?\b|\b[13]/[24]\b|[½¼¾]|"
    r"\b(?:le |au )?(?:matin|midi|soir|coucher)\b|\b(?:demi|moitie)\b|\bun jour sur (?:deux|trois)\b"
)
_STOP = re.compile(
    r"\b(?:stop\w*|arr?et\w*|suspen\w*|supp?rim\w*|suppression|cesse[rz]?|interromp\w*|retire[rz]?|enleve[rz]?)\b"
)
_START = re.compile(
    r"\b(?:introdui\w*|introduction|debute[rz]?|ajoute[rz]?|ajout|rajoute[rz]?|commence[rz]?|instaur\w*|initie[rz]?|"
    r"repren\w*|reprise|reintrodui\w*|remettre|remettez|mettre en place|mettre sous)\b"
)
# « je remplace le Dr Martin » is no change of treatment.
_REPLACED = r"remplac(?!ant)(?!\w* (?:le |la )?(?:dr|docteur|mon confrere|ma consoeur)\b)\w*"
_CHANGE = re.compile(
    rf"\b(?:diminu\w*|baisse[rz]?|redui\w*|augm\w*|modifie[rz]?|{_REPLACED}|change[rz]?|ajuste[rz]?|adapte[rz]?|"
    r"double[rz]?|switch\w*|substitue[rz]?|relais)\b|"
    r"\bpass\w* (?:a|de|en)\s+\d{1,9}(?:[.,]\d{1,9})?(?![\d.,:]|\s*h)|\b(?:mettre|mettez|donner|donnez) \d|"
    rf"\bpass\w*\b.{{0,40}}?\b(?:a|de|en)\s+{_QUANTITY}|\b(?:mettre|mettez|donner|donnez)\b.{{0,30}}?{_QUANTITY}"
)
_CONTINUE = re.compile(
    r"\b(?:poursui\w*|continu\w*|mainten\w*|maintien\w*|garde[rz]?|conserve[rz]?|laisse[rz]?|renouvel\w*)\b"
)
_REFUSAL_THEN = re.compile(r"non\s*(?:[-=]*>|→|:|,|;|=)\s*")
_RATHER = re.compile(r"\b(?:preferer|prefere|plutot)\b")
_ASSENT = re.compile(
    r"\b(?:ok|okay|oki|oui|d'accord|d accord|daccord|dac|accord|bon pour moi|c'est bon|c bon|vu et approuve|"
    r"feu vert|(?:ca|cela|tout|l'ensemble|ceci) me (?:va|convient)(?: bien| parfaitement)?|c'est tout bon|impeccable|"
    r"je valide|valide[rz]?|valides|validees?|validation|bon pour accord|parfait|"
    r"tres bien|entendu|conforme|approuve|je confirme|favorable|ras|r\.a\.s\.?|rien a redire|rien a signaler|"
    r"(?:pas|aucune?) (?:d'|de )?"
    r"(?:(?:objection|probleme|souci|remarque)s?|(?:modification|changement)s? de ma part))\b"
)
_NEGATION = re.compile(
    r"\bpas\b|\bjamais\b|\bnon\b|\brien\b|\baucune?\b|\bsans\b(?! reserve)|\bni\b|\bne\b|\bn'|\bplus (?:de |d'|du )|"
    r"\brefus\w*|\bcontre[- ]?indiqu\w*|(?<!par )\bcontre\b|\bevite[rz]?\b|\binutile\b|\boppos\w*|\bdesaccord\b"
)
_AS_NEEDED = re.compile(
    r"\bsi (?:besoin|necessaire|douleurs?|nausees?|constipation|agitation|anxiete|insomnie|fievre)\b"
)
_CONDITION = re.compile(
    r"\bsi\b|\bs'il (?!vous)|\bpeut-etre\b|\bpeut etre\b(?! \w+es?\b)|\beventuel\w*|\bselon\b|"
    r"\ba (?:voir|discuter|revoir|reevaluer)\b|"
    r"\breserve de\b|\bsous reserve\b|\bje (?:pense|crois|me demande)\b|"
    r"\battend\w*|\battente\b|\bjusqu\w*|\bpendant\b|\btemporaire\w*|"
    r"\bprovisoire\w*|\bpuis\b|\bensuite\b|\bquelques\b|\bsauf\b|\bexcepte\b|\bhormis\b|"
    r"\ba part\b|\ba l'exception\b|\bmais\b|\bcependant\b|\btoutefois\b|\bhier\b|\bpresque\b|\bplutot que\b|"
    r"\bau lieu\b|\ba la place\b|\bou\b(?! ?\?)"
)
_ONLY = re.compile(r"\b(?:seulement|uniquement)\b")
_QUESTION = re.compile(
    r"\?|\bpouvez[- ]vous\b|\bpourriez[- ]vous\b|\bpourrait[- ]on\b|\bpourquoi\b|\bcombien\b|"
    r"(?<!\btel )(?<!\btels )(?<!\btelle )(?<!\btelles )\bquel(?:le)?s?\b|"
    r"\bprecis(?:er|ez|ion|ions)\b|\b(?:transmettre|envoyer|communiquer|faire parvenir|adresser|rappeler)\b|"
    r"\bje (?:souhaite(?! (?:l'|le |la )?(?:arreter|stopper|suspendre|reprendre|diminuer|baisser|augmenter|remplacer))|"
    r"souhaiterais|voudrais|aimerais)\b|(?<!si )\bbesoin d(?:e|u|es|')|"
    r"\bil me manque\b|\btenez[- ]moi\b|\b(?:r?appele[rz]|joindre)[- ]moi\b|\bm'appeler\b|\bme rappeler\b"
)
_BECAUSE = re.compile(
    r"(?<![\s,(])[\s,(]+(?:puisqu\w*|car|parce qu\w*|vu (?:que|l[ae]s?|son|sa|l'(?=\w))|en raison|compte tenu|"
    r"etant donne|du fait|a cause|devant)\b"
)
_THANKS_FOR_DETAILS = re.compile(
    r"\bmerci (?:beaucoup |bien )?(?:pour|de) (?:toutes )?(?:ces|cette|vos|votre) (?:\w+ )?precisions?(?=[\s.,;!]*$)"
)
# Not every « merci de ... » is one: « merci de garder le Kardegic » is an order about a treatment, left to a person.
_ERRAND = re.compile(
    r"\bmerci de (?:bien vouloir )?(?:preparer (?:le|son|ce|les|ses) (?:dossiers?|documents?|bilans?)|"
    r"(?:verifier|controler|surveiller|prevenir|informer|avertir|contacter|me dire|nous dire|m'indiquer)\b)"
)
_VISIT = re.compile(
    r"\bj'?(?:re)?pass(?:e|erai)\b|"
    r"\bje (?:\w+ ){0,3}?(?:re)?(?:passe|passerai|passerais|viens|viendrai|me deplace\w*)\b|"
    r"\bje (?:suis|serai) (?:la|sur place|present|chez vous|a l'ehpad|a la residence)\b|"
    r"\bje (?:\w+ ){0,3}?(?:passer|venir)\b|\bj'irai\b|"
    r"\bje (?:le |la |les |l')?(?:re)?(?:vois|verrai)\b(?! (?:que|qu'|bien))|"
    r"\b(?:visite|consultation)\b|\b(?:passage|passer (?:le |la |les |vous )?voir)\b"
)
_SEEN_FIRST = re.compile(
    r"\b(?:avant|jusqu'a ce) que je (?:la |le |les )(?:re)?(?:voie|vois|verrai)\b|\bavant (?:ma visite|mon passage)\b"
)
_THANKS = re.compile(
    r"\b(?:merci|mrc|mci)\b(?! d(?:e|')\b)(?! d')|\bje vous remercie\b(?! de bien)|\bmerci d(?:e|') (?:votre|vos|cet)"
)
_COURTESY = re.compile(
    r"(?:(?:bonjour|bonsoir|madame|monsieur|messieurs|mesdames|cher\w*|chere?s?|confreres?|"
    r"consoeurs?|collegues?|et|a tous|"
    r"dr|docteur|bien recu|j'ai bien recu|bien note|bien pris note|"
    r"rec[ut]|note|vu|lu|votre|le|la|ce|courrier|message|mail|"
    r"lettre|de|liaison|envoye|depuis|mon|iphone|mobile|telephone|s'il vous plait|svp|stp)\b[\s,.:!]*)*"
)
_SIGNATURE = re.compile(r"(?:dr|docteur)\b[^0-9?]{0,40}")
CLOSING = re.compile(
    r"(?:bien |tres |avec mes |mes )?(?:cordial\w*|confraternel\w*|cdt|cdlt|bav|slts?|"
    r"amical\w*|amities|respectueu\w*|salutations|"
    r"sinceres?|bonne (?:journee|soiree|reception)|bien a vous|a bientot|a vous)\b"
)
_FILLERS = named("""
    je suis c'est est tout tous toutes totalement pour moi a la le les l l'ensemble l'integralite ensemble
    integralite totalite proposition propositions suggestion suggestions traitement traitements ligne lignes ces
    ce cette votre vos mon cote ma part vu lu bien recu avec sur de du des et modification modifications
    changement changements propose proposes proposee proposees suggere suggeres suggeree suggerees sans reserve
    merci liste ordonnance prescription prescriptions medicaments medicament sortie hopital l'hopital docteur
    pr tt tte tts ttes ts lgn lgnes trt trts ttt tttt ttts bjr bsr svp stp mrc mci
    confrere bonjour en au aux cela ca tel tels telle telles quel quels quelle quelles donc
    complet complete me parait semble
""")
_WHOLE = re.compile(r"\b(?:tout|tous|toutes|tt|tts|ttes|ensemble|l'ensemble|integralite|propositions)\b")
_THE_REST = re.compile(r"\b(?:(?:tout )?le reste|(?:toutes )?les autres)\b")
_UNCHANGED = re.compile(r"\b(?:sans (?:aucun )?changement|inchange\w*|idem|a l'identique|ne change pas|pareil)\b")
_BARE_DOSE = re.compile(r"\d{1,4}[.,]\d{1,3}|[2-9]\d|\d{3,4}")
_BARE_NUMBER = re.compile(rf"(?<![\d.,/-])\d{{1,9}}(?![\d.,/-])(?!\s*{UNIT})")
_WORD = re.compile(r"[a-z0-9'µ]+")
_DAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_MONTH = r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
_PART = r"(?:matin|midi|apres[- ]midi|aprem|am|soir)"
_EDGE = r"(?:en )?(?:debut|milieu|fin) d(?:e |')(?:semaine|mois|matinee|journee|soiree|apres[- ]midi|aprem|am)\b"
_WHEN = re.compile(
    rf"(?:\b{_DAY}(?: prochain)?(?: \d{{1,2}}(?:er)?(?!\d| ?h)(?: {_MONTH})?)?(?: {_EDGE}| {_PART}\b)?|"
    rf"\bapres[- ]demain(?: {_EDGE}| {_PART}\b)?|\bdemain(?: {_EDGE}| {_PART}\b)?|\baujourd'hui|\bce {_PART}\b|"
    r"\bcet(?:te)? (?:apres[- ]midi|aprem|am|semaine)\b|"
    rf"\b{_EDGE}(?: prochaine)?|\b(?:la )?semaine prochaine|"
    rf"\ble \d{{1,2}}(?:er)?(?: {_MONTH}|[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?)?(?!\d|\s*{UNIT})|"
    r"\bdans (?:la semaine|la journee|les (?:\w+ )?jours|\w+ (?:jours?|semaines?))|\bsous \d{1,9} ?(?:h|heures|jours)|"
    r"\bdes que possible|\brapidement|\bprochainement|\bces jours-ci|\ba (?:mon|ma) prochaine? (?:passage|visite))"
    r"(?:,? (?:(?:a|vers|avant|apres) )?\d{1,2} ?(?:h|heures)(?: ?\d{2})?)?|"
    r"\b(?:a|vers) \d{1,2} ?(?:h|heures)(?: ?\d{2})?"
)


def fold(text: str) -> str:
    """Lower case without accents, one character for one, so that positions are those of the NFC text."""
    return text.translate(_FOLDED)


def meaning(clause: str) -> Meaning:
    """What a clause that names no line says. A verb without its object is still only a suggestion to a person."""
    folded = fold(clause).strip(" ,.;:!-")
    if not folded or _COURTESY.fullmatch(folded) or _SIGNATURE.fullmatch(folded):
        return "courtesy"
    if _asks(fold(clause)):
        return "ask"
    said: set[Meaning] = {*_acts(folded)}
    if _visits(folded):
        return "doubt" if said - {"change"} or _AMOUNT.search(folded) or _is_doubtful(folded) else "visit"
    if _ERRAND.search(folded) and not said and not _is_doubtful(folded) and not _AMOUNT.search(folded):
        return "ask"
    if _THANKS.search(folded) and not said:
        return "thanks"
    return _meaning_of_acts(folded, said)


def line_action(words: str, proposed: str = "") -> Act | Literal["ask", "doubt"]:
    """What is said of one numbered line. ``doubt`` whenever it is not plainly one act.

    ``proposed`` is what the letter does of it (``continued``, ``stopped``…), where the message said so: « poursuivre »
    agrees with a line the letter continues or does not speak of, and with no other.
    """
    folded = fold(words).strip(" ,.;:!")
    if _asks(fold(words)):
        return "ask"
    refusal = _REFUSAL_THEN.match(folded)
    if refusal:
        instead = line_action(words.strip(" ,.;:!")[refusal.end() :])
        return instead if instead in {"stop", "change"} and proposed != "stopped" else "doubt"
    if _is_doubtful(folded) or _VISIT.search(folded):
        return "doubt"
    return _act_on_line(folded, proposed)


def _act_on_line(folded: str, proposed: str) -> Act | Literal["doubt"]:
    acts = _acts(folded)
    if _CONTINUE.search(folded):
        agrees = acts <= {"ok"} and not _DOSE.search(folded) and proposed in {"continued", "not_mentioned"}
        return "ok" if agrees else "doubt"
    if acts == {"ok", _DOING.get(proposed)} and not re.search(r"\d", folded):
        acts.discard("ok")
    if not acts and (_DOSE.search(folded) or _BARE_DOSE.fullmatch(folded)):
        return "change"
    if acts == {"ok"}:
        return "ok" if _is_bare_assent(folded) else "doubt"
    if acts == {"start", "change"}:
        return "start"
    several_lines = len(acts) == 1 and acts != {"change"} and _BARE_NUMBER.search(folded)
    return acts.pop() if len(acts) == 1 and not several_lines else "doubt"


def speaks(folded: str) -> bool:
    """Whether folded words say something to do, to agree to or to know, whatever it is."""
    return bool(_acts(folded) or _CONTINUE.search(folded) or _DOSE.search(folded) or _asks(folded))


def says_thanks(clause: str) -> bool:
    return bool(_THANKS.search(fold(clause)))


def is_seen_first(clause: str) -> bool:
    """« ne changez rien avant que je la voie lundi »: a visit is announced, whatever else is said."""
    return bool(_SEEN_FIRST.search(fold(clause)))


def is_remark(words: str) -> bool:
    """« n'est pas justifié », of a line: words that ask for nothing and give no dose, whatever they deny."""
    folded = fold(words)
    return not speaks(folded) and not _CONDITION.search(folded)


def without_reason(folded: str) -> int:
    """Where the reason of a clause begins (« puisqu'il y a l'Eliquis »), its length when it has none.

    A reason that itself says something to do, or under which condition, is no mere reason.
    """
    found = _BECAUSE.search(folded)
    if found is None or speaks(folded[found.end() :]) or _CONDITION.search(folded[found.end() :]):
        return len(folded)
    return found.start()


def instructs(clause: str) -> bool:
    """True when the words ask for something to be done or known, whatever it is."""
    folded = fold(clause)
    return bool(_STOP.search(folded) or _START.search(folded) or _CHANGE.search(folded) or "?" in folded)


def when(clause: str) -> str:
    """The words that say when, as written."""
    return ", ".join(clause[found.start() : found.end()].strip() for found in _WHEN.finditer(fold(clause)))


def is_global_assent(clause: str) -> bool:
    """« d'accord », « ok pour tout »: an assent and nothing else."""
    folded = fold(clause)
    return bool(_ASSENT.search(folded)) and not _is_doubtful(folded) and not _words_beside_assent(folded)


def agrees_to_the_whole(clause: str) -> bool:
    """« ok pour tout », wherever it is written: an assent that says of itself that it bears on everything."""
    return is_global_assent(clause) and bool(_WHOLE.search(fold(clause)))


def approves_the_rest(clause: str) -> bool:
    """« le reste est ok », « ok pour les autres »: an assent to every line not spoken of."""
    folded = fold(clause)
    return bool(_THE_REST.search(folded)) and is_global_assent(_THE_REST.sub("", folded))


def leaves_the_rest(clause: str) -> bool:
    """« le reste sans changement »: as the letter proposes, or as it was before? Only a person can tell."""
    folded = fold(clause)
    return bool(_THE_REST.search(folded) and _UNCHANGED.search(folded))


def _asks(folded: str) -> bool:
    return bool(_QUESTION.search(_THANKS_FOR_DETAILS.sub(" ", folded)))


def _fold_character(character: str) -> str:
    if character in "’ʼ`´":
        return "'"
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


class _Folded(dict[int, str]):
    """Characters folded once; those that answers do not use are folded each time, so that the table stays small."""

    def __missing__(self, code: int) -> str:
        return _fold_character(chr(code))


_FOLDED = _Folded((code, _fold_character(chr(code))) for code in range(ord("ɏ") + 1))


def _acts(folded: str) -> set[Act]:
    acts: set[Act] = set()
    if _STOP.search(folded):
        acts.add("stop")
    if _START.search(folded):
        acts.add("start")
    if _ASSENT.search(folded):
        acts.add("ok")
    if _CHANGE.search(folded) or (_RATHER.search(folded) and (acts or _DOSE.search(folded))):
        acts.add("change")
    return acts


def _meaning_of_acts(folded: str, said: set[Meaning]) -> Meaning:
    if _is_doubtful(folded) or (said - {"ok"} and _CONTINUE.search(folded)):
        return "doubt"
    if not said:
        return "doubt" if _DOSE.search(folded) else "unread"
    if said == {"ok"}:
        return "doubt" if _words_beside_assent(folded) else "ok"
    if said == {"start", "change"}:
        return "start"
    return said.pop() if len(said) == 1 else "doubt"


def _is_doubtful(folded: str) -> bool:
    rest = _AS_NEEDED.sub("", _ASSENT.sub("", folded))
    is_restricted = bool(_ONLY.search(rest)) and not _AMOUNT.search(rest)
    return is_restricted or bool(_NEGATION.search(rest) or _CONDITION.search(rest))


def _visits(folded: str) -> bool:
    return bool(_VISIT.search(folded)) and not _CHANGE.search(folded)


def _is_bare_assent(folded: str) -> bool:
    """A line may be called by the name of its drug beside the assent; numbers or a longer saying are another matter."""
    others = _words_beside_assent(folded)
    return (
        len(others) <= _MOST_OTHER_WORDS_BESIDE_AN_ASSENT and not _DOSE.search(folded) and not re.search(r"\d", folded)
    )


def _words_beside_assent(folded: str) -> list[str]:
    return [word for word in _WORD.findall(_ASSENT.sub(" ", folded)) if word not in _FILLERS]
