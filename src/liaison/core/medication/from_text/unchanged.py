"""« Traitement de sortie : idem »: a letter that lists no drug, and says by it that nothing changes."""

import re
from collections.abc import Iterable

from liaison.core.cda.values import SECTION_DISCHARGE, MedicationLine
from liaison.core.medication.from_text.folding import folded
from liaison.core.notices import Notice

UNCHANGED = "treatments_said_unchanged"
MOST_QUOTED = 120
MAX_CHARACTERS = 400_000
_TREATMENT = r"(?:traitements?|ttts?|tts?|ordonnances?|therapeutiques?|medicaments?|prescriptions?)"
_USUAL = (
    r"(?:habituel\w*|anterieur\w*|actuel\w*|en cours|d'entree|a l'entree|de l'entree|pre-?existant\w*|initial|"
    r"personnel\w*|de ville|de l'ehpad|a domicile|precedent\w*|au long cours|de fond)"
)
_KIND = rf"(?: (?:medicamenteux|medical))?(?: {_USUAL}){{1,2}}"
_NAMED = (
    rf"{_TREATMENT}(?: (?:medicamenteux|medical|{_USUAL}|de|a|la|le|du|au|en|pour|lors|sortie|retour|propose|"
    r"preconise|prescrite?)){0,6}"
)
_SAME = (
    r"(?:idem|identiques?|inchangee?s?|sans (?:aucun )?(?:changement|modification)s?|a l'identique|non modifiee?s?|"
    r"memes?(?: traitements?| qu'a l'entree| qu'avant)|(?:pas de |aucune? )(?:changement|modification)s?)"
    r"(?! (?:du|de la|des|de l'|de|d') ?(?!traitement|ordonnance|posologie|dose))"
)
_SAID = re.compile(
    rf"(?<![a-z])(?:{_NAMED}\s{{0,3}}[:=-]?\s{{0,3}}(?:(?:est|reste|laissee?|demeure|poursuivie?|reconduite?|"
    rf"maintenue?|reprise?) ){{0,2}}(?:le |la |les )?{_SAME}"
    rf"|(?:poursuite|reprise|reconduction|maintien|poursuivre|reprendre|continuer|idem|"
    rf"(?:sortie?|sort|retour) (?:avec|sous|sur)) (?:du |de son |le |son |de la |des |de l'|d'un |au )?"
    rf"{_TREATMENT}{_KIND}"
    rf"|{_TREATMENT}{_KIND} (?:(?:est|a|ete) ){{0,2}}(?:poursuivie?|reconduite?|maintenue?|reprise?|poursuivre|"
    rf"reprendre|reconduire)"
    rf"|(?:pas de |aucune? |sans )(?:changement|modification|adaptation)s? (?:du |de |dans le |de son |apportee? au |"
    rf"au )?(?:{_TREATMENT}|therapeutique)"
    r")(?![a-z])"
)
_EXCEPT = re.compile(
    r"(?<![a-z])(?:sauf|hormis|excepte|en dehors d|a l'exception|mais|avec (?:ajout|arret|introduction))"
)
_DENIED = re.compile(r"(?:n'a pas|n'ont pas|ne (?:sera|seront|peut|doit)|pas de|impossib\w+|refus\w+)[^.;\n]{0,30}$")


def says_unchanged(text: str) -> str:
    """The words that say the treatment goes on as before, as the letter writes them; empty when none do.

    « poursuite du traitement habituel », « sans changement », « idem ». One drug that goes on says nothing of
    the others.
    """
    written = text[:MAX_CHARACTERS]
    plain = folded(written)
    for found in _SAID.finditer(plain):
        if not _DENIED.search(plain[max(0, found.start() - MOST_QUOTED) : found.start()]):
            end = _end_of_clause(plain, found.end())
            return " ".join(written[found.start() : end].split())[:MOST_QUOTED]
    return ""


def unchanged_notices(text: str, lines: Iterable[MedicationLine]) -> tuple[Notice, ...]:
    """What a doctor must know when a letter lists nothing for the discharge and says that nothing changes."""
    if any(line.section == SECTION_DISCHARGE for line in lines):
        return ()
    said = says_unchanged(text)
    return (_notice(said),) if said else ()


def _notice(said: str) -> Notice:
    excepted = " avec une exception à lire dans la lettre" if _EXCEPT.search(folded(said)) else ""
    return Notice(
        UNCHANGED,
        f"La lettre n'énumère pas le traitement de sortie : elle le dit inchangé{excepted} (« {said} »). Ce n'est ni"
        " « aucun traitement » ni un oubli. Comparez avec le traitement d'avant l'hospitalisation.",
    )


def _end_of_clause(plain: str, start: int) -> int:
    """What follows on the same line: « sauf arrêt du diurétique » must be read with it."""
    found = re.search(r"[.;\n]", plain[start : start + MOST_QUOTED])
    return start + (found.start() if found else min(MOST_QUOTED, len(plain) - start))
