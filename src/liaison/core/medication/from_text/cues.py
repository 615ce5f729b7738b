"""What the words around a drug say of it: stopped, started, changed, gone on with, denied, supposed, an allergy.

French hospital prose names drugs for many reasons; only what is said of the treatment counts. Patterns are for folded
text; « before » ends where the drug starts, « after » starts where it ends, both within its clause.
"""

import re
from dataclasses import dataclass

Said = str
"""stopped, started, changed, continued, admission, discharge or none; empty when nothing is said."""

_LINK = (
    r"(?:\s*(?:\w{3,20}\s*\(|un |une |d'un |d'une |\(|:|=|de |du |des |d'|de la |de l'|le |la |les |l'|par |"
    r"pour |son |sa |ses |notamment |votre |leur |tout |toute |tous |a |au |avec |traitement "
    r"(?:par|de|d')\s*|posologie |dose ))*\s*$"
)
_STOP_NOUN = r"(?:arrets?|stop|suspension|interruption|suppression|sevrage|deprescription|eviction|retrait|fin)"
_STOP_VERB = (
    r"(?:arretee?s?|arrets?|arreter|stoppee?s?|stopper|suspendue?s?|suspendre|interrompue?s?|"
    r"interrompre|supprimee?s?|supprimer|retiree?s?|deprescrite?s?|deprescrire|abandonnee?s?|stop|"
    r"stoppons|suspendons|arretons|interrompons|arrete|stoppe|suspends|interromps)"
)
_MANNER = (
    r"(?:\s*(?:definiti(?:f|ve)(?:ment)?|temporaire(?:ment)?|transitoire(?:ment)?|"
    r"immediate?(?:ment)?|progressif|progressivement|ce jour|donc|egalement|aussi|par ailleurs|"
    r"brutal|complet|d'emblee|des l'entree|a l'entree|precoce|rapide|bien|ainsi))*"
)
_BE = (
    r"(?:\s*(?:,|:|-|\(|=>|->|→|dont|qui|a|ont|est|sont|ete|etait|etaient|sera|seront|avait|"
    r"avaient|reste|aura|doit|doivent|peut|etre|le|la|les|tous|toutes|deux|l'|egalement|aussi|"
    r"donc|finalement))*\s*"
)
_MOREOVER = (
    r"(?:(?:donc|egalement|aussi|alors|en revanche|par ailleurs|finalement|ainsi|pu|du|prefere|choisi de)\s+){0,2}"
)
_STOP_BEFORE = re.compile(
    rf"(?<![a-z])(?<!a l')(?<!apres l')(?<!apres ){_STOP_NOUN}{_MANNER}{_LINK}|"
    rf"(?<![a-z])(?:avons|ai|a|ont|ete|est|sont|d'|on|de|a|"
    rf"j'|je|nous|decide|faut|fait)\s*{_MOREOVER}{_STOP_VERB}{_MANNER}{_LINK}|"
    rf"(?:^|[,;:]\s*|(?<![a-z])(?:et|puis)\s+){_STOP_VERB}{_MANNER}{_LINK}"
)
# « à arrêter si fièvre », « à arrêter le 12 »: not now.
_LATER = r"\s*(?:si |en cas|lorsqu|quand|des |apres |dans |le \d|au bout|a partir|a j\d)"
_STOP_AFTER = re.compile(
    rf"^(?!{_BE}(?:arreter|stopper|suspendre|interrompre|supprimer|retirer){_LATER}){_BE}{_MANNER}"
    rf"\s*(?:que (?:je|nous) (?:vous )?propos\w+ d(?:e |'))?"
    rf"{_STOP_VERB}(?![a-z])|^{_BE}\s*(?:n'est|n'a|n'ont|ne sera|ne sont|n'est "
    rf"plus|non|pas|a ne pas|ne pas|ne plus)\s*(?:pas|plus|ete|etre|a)*\s*(?:ete\s*)?(?:reconduite?s?|"
    rf"poursuivie?s?|reprise?s?|reintroduite?s?|renouvelee?s?|reprendre|poursuivre)"
    r"|^\s*(?:\(|:|-|,)?\s*(?:en )?(?:stop|arret)(?![a-z])"
)
_REPLACED_BEFORE = re.compile(
    r"(?:(?:remplacement|a la place|en lieu et place|au lieu|en relais|relais|en substitution|"
    r"switch)\s*(?:de|du|des|d')|remplace|se substitue (?:a|au)|prend la suite|relaie|"
    r"anciennement|precedemment|ex-?)\s*(?:de |du |des |d'|de la |de l'|le |la |l'|a |au |son |"
    r"par rapport a )*\s*$"
)
_REPLACED_AFTER = re.compile(
    rf"^{_BE}{_MANNER}\s*(?:remplacee?s?|substituee?s?|relayee?s?|changee?s?|switchee?s?|"
    rf"remplacement|relais|switch|passage|bascule)\s*(?:par|pour|a|en|vers|au|d')"
    r"|^\s*(?:->|→|=>)\s*(?=[a-z])"
)
_REPLACING_BEFORE = re.compile(
    r"(?:(?:remplace\w*|substitu\w*|relai\w*|relay\w*|switch\w*|passage|bascule\w*|"
    r"change\w*)\s*(?:oral |per os |po )?(?:par|pour|vers|a|en|sous|au|avec)|au profit|en faveur|"
    r"relais|->|→|=>)(?:\s*(?:de |du |des |d'|de la |de l'|le |la |l'|un |une |traitement par "
    r"))*\s*$"
)
_START_NOUN = (
    r"(?:introduction|instauration|initiation|debut|mise en (?:place|route)|ajout|prescription|"
    r"demarrage|reprise|reintroduction|majoration|mise sous|mis sous|mise sous traitement par|"
    r"instaure|anticoagulation|relais oral)"
)
_START_VERB = (
    r"(?:introduite?s?|introduire|debutee?s?|debuter|initiee?s?|initier|instauree?s?|instaurer|"
    r"ajoutee?s?|ajouter|demarree?s?|demarrer|mise?s? en (?:place|route)|prescrite?s?|reprise?s?|"
    r"reintroduite?s?|introduisons|debutons|debute|introduit|instaure|ajoute|prescris|ajoutons|initions|"
    r"instaurons|reprenons)"
)
_START_BEFORE = re.compile(
    rf"(?<![a-z]){_START_NOUN}{_MANNER}{_LINK}|(?<![a-z])(?:avons|ai|a|ont|ete|est|sont|on|nous|j'|je|"
    rf"decide d'|decide de|fait)\s*{_MOREOVER}{_START_VERB}{_MANNER}{_LINK}|^{_START_VERB}{_MANNER}{_LINK}"
)
_START_AFTER = re.compile(rf"^[^.;]{{0,40}}?{_BE}{_MANNER}\s*(?<![a-z]){_START_VERB}(?![a-z])")
_CHANGE_VERB = (
    r"(?:majoree?s?|augmentee?s?|diminuee?s?|reduite?s?|baissee?s?|abaissee?s?|portee?s?|"
    r"passee?s?|adaptee?s?|ajustee?s?|titree?s?|doublee?s?|modifiee?s?|majorer|diminuer|reduire|"
    r"augmenter)"
)
_CHANGE_BEFORE = re.compile(
    rf"(?<![a-z])(?:majoration|augmentation|diminution|reduction|baisse|adaptation|titration|"
    rf"modification|ajustement|majore|augmente|diminue|reduit)(?: progressive)?(?: (?:de la|des|"
    rf"de) (?:dose|posologie|posologies|doses))?{_LINK}|(?<![a-z])(?:avons|ai|a|ont|ete|est|sont|"
    rf"nous|j'|je)\s*{_CHANGE_VERB}{_LINK}|(?<![a-z])(?:reduire|diminuer|augmenter|majorer|baisser){_LINK}"
)
_CHANGE_AFTER = re.compile(rf"^[^.;]{{0,30}}?{_BE}{_MANNER}\s*(?<![a-z]){_CHANGE_VERB}(?![a-z])")
_CONTINUE_BEFORE = re.compile(
    rf"(?<![a-z])(?:poursuite|poursuivre|maintien|maintenir|continuer|reconduction|poursuivons|"
    rf"maintenons|continuation|on poursuit|on maintient|conserver){_LINK}|(?<![a-z])(?:avons|a|ont|"
    rf"ete|est|sont|on|nous)\s*(?:poursuivi|maintenu|reconduit|conserve)e?s?{_LINK}|"
    rf"(?:le reste (?:du |de (?:son |sa |ses ))|autres )(?:traitements?|medicaments?)(?: \w+)?\s*[(:,]\s*$|"
    rf"traitements? (?:\w+ ){{0,4}}(?:inchange|poursuivi|repris|maintenu|conserve)e?s?(?: \w+){{0,2}}\s*[:(]\s*$"
)
_CONTINUE_AFTER = re.compile(
    rf"^[^.;]{{0,40}}?{_BE}\s*(?<![a-z])(?:poursuivie?s?|maintenue?s?|inchangee?s?|reconduite?s?|"
    rf"continuee?s?|a poursuivre|conservee?s?|idem|poursuite|maintien)(?![a-z])"
)
_DENIED = re.compile(
    r"(?<![a-z])(?:pas de|pas d'|sans|aucune?|absence de|absence d'|jamais (?:pris|recu|eu)(?: "
    r"de)?|pas sous|non traite\w* par|n'est pas (?:traite\w* )?(?:par|sous)|ne prend (?:pas|"
    r"plus)(?: de)?|ne recoit pas(?: de)?|ni|pas d'indication (?:a|au|pour)|contre-?indication "
    r"(?:a|au|aux|a la|a l'|du|des)|contre-indiquee?s?|eviter|a eviter|proscrire|ne pas "
    r"(?:prescrire|donner|introduire|reprendre|utiliser|administrer)|refus (?:de|du|d')|naif "
    r"de)(?:\s*(?:le |la |les |l'|de |du |des |d'|traitement (?:par )?|prise (?:de |d'))*)\s*$"
)
_DENIED_AFTER = re.compile(
    r"^\s*(?:n'a pas ete (?:introduit|debute|instaure|prescrit|pris)|non (?:introduit|debute|pris|"
    r"indique)|contre-?indique|est contre-?indique|n'est pas indique|: non(?![a-z])|deconseille|a "
    r"proscrire|a eviter|non retenu|ecarte)"
)
_NOT_STOPPED = re.compile(
    r"(?:pas d'|sans |aucun |ni |eviter l'|eviter tout |refuse l'|ne pas |n'a pas |pas "
    r")\s*(?:arret\w*|interr\w+|suspen\w+|stopp\w+)\s*(?:\w+\s*){0,2}(?:de |du |des |d'|de la |de "
    r"l'|le |la |l')*\s*$"
)
_SUPPOSED = re.compile(
    r"(?:(?<![a-z])(?:discuter|discussion|envisager|envisag\w+|eventuel\w*|proposer|pourrait|"
    r"pourra|pourrons|on pourra|reevaluer|rediscuter|evoquer|proposition|reflechir|prevoir|si "
    r"(?:echec|persistance|recidive|besoin d')|en cas (?:d'echec|de recidive|de persistance)|a "
    r"defaut|interet d|des que|lorsque|une fois|tant que|sous reserve|si l'evolution|a distance)[^.;:]{0,60})$"
)
_ONCE_STOPPED = re.compile(rf"(?:a|apres) (?:l'|la fin |le )?{_STOP_NOUN}{_LINK}")
_SUPPOSED_AFTER = re.compile(
    r"^[^.;,]{0,45}?(?<![a-z])(?:a discuter|a rediscuter|a envisager|a reconsiderer|sera discute|"
    r"sera rediscute|pourra etre|pourrait etre|reste a discuter|en discussion|envisage\w*|"
    r"ser(?:a|ont) (?:reprise?s?|reintroduite?s?|debutee?s?|introduite?s?|rediscute\w*)|"
    r"a (?:reintroduire|reprendre|introduire|debuter) (?:selon|si |en fonction|quand|lorsqu|apres|des qu|plus tard)|"
    r"a evaluer avec|si echec|\?)"
)
_ALLERGY = re.compile(
    r"(?:allerg\w+|intoleran\w+|hypersensib\w+|anaphyla\w+|rash|angio-?oedeme|toxidermie|reaction "
    r"cutanee|choc|mal tolere\w*)\s*(?:connue?s?|medicamenteuse|averee?|severe|suspectee?|"
    r"documentee?)?\s*(?:\(?(?:aux?|a la|a l'|a|sous|avec|:|de|du|d'|des|la|le|les|et|ou|,"
    r")\s*)*(?:[a-z]+(?:\s*[,/]\s*|\s+et\s+(?:a |au |aux |a la |a l')?))*\s*$"
)
_FAMILY = re.compile(
    r"(?<![a-z])(?:mere|pere|soeur|s'?oeur|frere|fille|fils|conjointe?|epouse|epoux|mari|femme de|"
    r"grand-?mere|cousin\w*|antecedents familiaux|voisin\w*|aidante?)(?![a-z])[^.;]{0,80}$"
)
_DOSED = re.compile(
    r"(?<![a-z])(?:dosage|taux|ferritine|digoxinemie|concentration|residuel\w*|test|recherche|"
    r"antibiogramme|sensible|resistant\w*|resistance|efficacite|surveillance|surveiller|controler?|verifier|doser|bilan|"
    r"vaccin\w*)\s*(?:\w+\s*){0,3}(?:de |du |des |d'|de la |de l'|la |le |a |a la |au |aux |a "
    r"l')*\s*$"
)
_PAST = re.compile(
    r"(?<![a-z])(?:a recu|avait recu|ayant recu|a beneficie|traitee?s? (?:initialement|d'abord) "
    r"par|traite dans le service|antibiotherapie (?:initiale |probabiliste |empirique )?(?:par|"
    r"de)|recoit|administration|perfusion|injection unique|dose unique|bolus|apres|en salle|aux "
    r"urgences|en debut de sejour|lors du sejour|durant le sejour|remplissage|rehydratation|"
    r"chimiotherapie|cure)"
)
_AT_HOME = re.compile(
    r"(?<![a-z])(?:prenait|prend (?:habituellement|a domicile|au long cours)|prenant|habituel\w*|"
    r"a domicile|a l'entree|a son entree|a l'admission|a son arrivee|au long cours|avant (?:l'|"
    r"son )?(?:hospitalisation|admission|entree)|anterieur\w*|"
    r"(?:son|le) traitement (?:(?:personnel|de fond|habituel) )?(?:comportait|associait|comprenait|etait)|"
    r"son traitement (?:comporte|associe|comprend)|traitement (?:personnel|de fond|habituel)|"
    r"deja (?:sous|traite\w* par)|chroniquement|traitement de fond|"
    r"(?:patiente?|etait|est|deja|monsieur|madame|mme) sous)(?![a-z])"
)
_AT_DISCHARGE = re.compile(
    r"(?<![a-z])(?:a la sortie|a sa sortie|"
    r"sort(?:ie|ira|ant)? (?:(?:ce jour|donc|aujourd'hui|le \d\S*) )*(?:avec|sous|au|a|ce jour)|"
    r"de sortie|retour (?:a domicile |en ehpad |dans (?:son|votre) \w+ |au domicile )?(?:avec|"
    r"sous)|transfer\w+|vous revient|rad (?:\w+ ){0,3}?(?:avec|sous)|le jour de (?:la |sa )?sortie|"
    r"regagne\w*|repart\w*|rentre\w*|quitte le service|"
    r"le traitement (?:comporte|associe|comprend)|"
    r"ordonnance (?:\w+ )?(?:comporte|associe|comprend)|desormais|dorenavant|traitement final|au retour|quittera|"
    r"sortant)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said of a drug; ``is_replaced`` and ``is_replacing`` go by two."""

    said: Said = ""
    is_replaced: bool = False
    is_replacing: bool = False


def is_no_treatment(before: str, after: str, *, is_taken: bool = False) -> bool:
    """An allergy, a denial, a supposition, a blood level, another person's drug: not a treatment of this patient.

    ``is_taken``: an item of a list that says how it is taken; what is supposed then is what will be done of it later.
    """
    if _NOT_STOPPED.search(before):
        return False
    return bool(
        _ALLERGY.search(before)
        or _FAMILY.search(before)
        or _DENIED.search(before)
        or _DENIED_AFTER.search(after)
        or _SUPPOSED.search(before)
        or _ONCE_STOPPED.search(before)
        or (_SUPPOSED_AFTER.search(after) and not is_taken)
        or _DOSED.search(before)
    )


def cue_of(before: str, after: str, reach: str = "") -> Cue:
    """The nearest thing said. What follows the drug (« X est arrêté ») wins over what precedes it.

    ``reach`` goes up to the next drug, whose own words may tell that it takes the place of this one.
    """
    if _NOT_STOPPED.search(before):
        return Cue("continued")
    after = _ASIDE.sub(" ", after)
    if _REPLACED_AFTER.search(after) or _REPLACED_AFTER.search(reach):
        return Cue("stopped", is_replaced=True)
    if _STOP_AFTER.search(after) or _STOP_BEFORE.search(before):
        return Cue("stopped")
    if _REPLACED_BEFORE.search(before):
        return Cue("stopped", is_replaced=True)
    if _REPLACING_BEFORE.search(before):
        return Cue("started", is_replacing=True)
    return Cue(_of_treatment(before, after))


_ASIDE = re.compile(
    r"^\s*(?:,?[^,.;()]{3,80},|\(?[^()]{3,80}\))(?=\s*(?:a ete|ont ete|est|sont|n'a|n'est|n'ont)(?![a-z]))"
)
_STOPPING = re.compile(rf"(?<![a-z]){_STOP_VERB}(?![a-z])(?!{_LATER})")


_AT_THE_END = re.compile(r"(?:puis|et|avant|jusqu'a l')\s*(?:l'|a )?(?:arret|stop)\w*")


def tells_of_a_stop(words: str) -> bool:
    """Whether a stop is told in these words, of whatever drug."""
    return bool(_STOPPING.search(_AT_THE_END.sub(" ", words)))


def _of_treatment(before: str, after: str) -> Said:
    for said, at_end, at_start in (
        ("changed", _CHANGE_BEFORE, _CHANGE_AFTER),
        ("started", _START_BEFORE, _START_AFTER),
        ("continued", _CONTINUE_BEFORE, _CONTINUE_AFTER),
    ):
        if at_end.search(before) or at_start.search(after):
            return said
    return ""


def context_of(before: str) -> Said:
    """Where the sentence puts a drug of which nothing else is said: what one takes at home, leaves with, or had."""
    said: Said = ""
    latest = -1
    for context, pattern in (("none", _PAST), ("admission", _AT_HOME), ("discharge", _AT_DISCHARGE)):
        found = next(reversed(list(pattern.finditer(before))), None)
        if found and found.start() >= latest:
            said, latest = context, found.start()
    return said


def lead_of(between: str) -> str:
    """The end of ``between`` that speaks of the drug after it: « arrêt du », « relais par », « pas de »."""
    for pattern in (
        _NOT_STOPPED,
        _ONCE_STOPPED,
        _STOP_BEFORE,
        _REPLACED_BEFORE,
        _REPLACING_BEFORE,
        _CHANGE_BEFORE,
        _START_BEFORE,
        _CONTINUE_BEFORE,
        _DENIED,
        _ALLERGY,
    ):
        found = pattern.search(between)
        if found:
            return between[found.start() :]
    found = _SMALL_WORDS.search(between)
    return between[found.start() :] if found else ""


_SMALL_WORDS = re.compile(
    r"(?:[\s,;+-]|(?<![a-z])(?:et|puis|ainsi que|de la|de l'|du|des|de|d'|le|la|les|l'|par|un|"
    r"une))*$"
)
