"""What a letter asks for after the stay: appointments and examinations, results still to come."""

import re
from collections.abc import Iterator

from liaison.core.letter_facts.days import due_of, real_day
from liaison.core.letter_facts.doubt import (
    CONDITIONAL,
    SUPPOSED,
    is_of_family,
    is_on_condition,
    is_supposed,
    says_nothing,
)
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import FactKind, ReadFact
from liaison.core.letter_facts.writing import fact_from
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import bullet_of

_APPOINTMENT = re.compile(
    r"(?<![a-z])(?:rendez-vous|rdv|consultations?|teleconsultation|visite de controle|hopital de jour|reevaluation|"
    r"controles?|bilan|surveillance|radiographies?|radio|radiologi\w+|echographies?|echo|doppler|scanner|scano\w+|irm|"
    r"ecg|eeg|holter|kardia|spirometrie|mammographie|osteodensitometrie|scintigraphie|polysomnographie|"
    r"pansements?|agrafes|fils|sonde|platre|attelle|retrait|ablation|nfs|hemogramme|hemoglobine|plaquettes|creatinine|"
    r"ionogramme|natremie|kaliemie|glycemie|hba1c|tsh|bnp|albumine\w*|crp|inr|poids|prise de sang|biologie|"
    r"coloscopie|fibroscopie|gastroscopie|cystoscopie|endoscopie|vaccin\w*|rappel|reeducation|kinesitherapie|"
    r"avis|orl|ophtalmo|dentiste|\w+ologi(?:e|que)|\w+ologue|\w+iatr(?:e|ie))(?![a-z])"
)
_TO_COME = re.compile(
    r"(?<![a-z])(?:prevue?s?|a prevoir|prevoir|programmee?s?|a programmer|programmer|fixee?s?|prise?|organisee?|"
    r"a organiser|souhaitable|souhaitee?s?|"
    r"sera (?:revue?|convoquee?|realisee?|fait|faite|controlee?)|seront|a (?:revoir|controler|refaire|realiser|faire|"
    r"renouveler|contacter|surveiller)|a reprendre|merci de|attendue? (?:en|pour)|dans \w+ (?:jours?|semaines?|mois|"
    r"ans?|heures)|a \d+ (?:jours|semaines|mois|ans?)|a j\d+|puis (?:hebdomadaire|mensuel|tous les)|"
    r"sous \w+ (?:jours?|semaines?|mois)|d'ici|avant le|le (?:lundi|mardi|mercredi|jeudi|vendredi|"
    r"samedi)?\s*\d{1,2}\W)"
)
_ASKED = re.compile(
    r"^\W*(?:(?:merci de|nous vous (?:remercions|prions|demandons) de|veuillez|penser a|il faudra|il conviendra de|"
    r"prevoir (?:de|d'))\s*)?(?:recontroler|controler|surveiller|refaire|revoir|reevaluer|programmer|organiser|"
    r"prendre contact|contacter|recontacter|reconsulter|retirer|renouveler|doser|peser|adresser)(?![a-z])"
)
_SEEN_AGAIN = re.compile(
    r"(?<![a-z])(?:sera (?:revue?|convoquee?)|a revoir|revoir (?:le|la) patiente?|reverrons)(?![a-z])"
)
_RESULTS = re.compile(
    r"(?<![a-z])(?:resultats?|anatomo-?pathologi\w+|anapath|histologi\w+|cytologi\w+|cultures?|hemocultures?|ecbu|"
    r"serologies?|dosages?|antibiogramme|biopsies?|prelevements?|vitamine \w+|myelogramme|caryotype|analyses?|"
    r"compte[ -]rendu (?:definitif|final|operatoire|du|de l|de la)|relecture|"
    r"electrophorese|immuno\w+|bilan)(?![a-z])"
)
_PENDING = re.compile(
    r"(?<![a-z])(?:en attente|en cours|attendus?|attendue?s?|a recuperer|a suivre|a venir|suivr(?:a|ont)|"
    r"parviendr(?:a|ont)|transmettr(?:ons|ai|a|ont)|des reception|reponse (?:sous|dans|attendue|a venir)|"
    r"non (?:encore )?(?:parvenue?s?|rendue?s?|disponibles?|recus?|revenue?s?|communiquee?s?)|"
    r"vous (?:sera|seront) (?:transmi\w+|adresse\w*|communique\w*|envoye\w*)|restent? a recevoir|pas encore|"
    r"pas (?:disponibles?|parvenue?s?|revenue?s?|rendue?s?))(?![a-z])"
)
_NOT_YET = re.compile(
    r"(?<![a-z])(?:n'est|ne sont|ne nous (?:est|sont)|non) ?(?:pas)?(?: encore)? (?:revenu|rendu|parvenu|disponible|"
    r"recu)"
)
_PLAIN_TITLE = re.compile(
    r"(?:(?<![a-z])(?:[a-z]{1,3}|prochains?|rendez-vous|suivi|suites?|donner|surveillance|consultations?|examens?|controles?|actes?|"
    r"medical|post|hospitalier|ulterieur|ambulatoire|prevoir|prevue?s?|programmee?s?|programmer|realiser|organiser|"
    r"propose|preconise|ville|complementaires?|apres|sortie|distance|conduite|tenir|consignes|recommandations?|"
    r"programme|modalites|prise|charge|resultats?|attente|attendus?|recuperer|recevoir|cours|venir|suivre|restent?|"
    r"elements?|analyses?|bilans?|prelevements?|dont|sont|parvenus?|rendus?|disponibles?|moment|lors|faire)(?![a-z])|\W)+"
)
_MEETING = re.compile(
    r"(?<![a-z])(?:a prevoir|prevoir|refaire|reconsulter|surveillance|ablation|retrait|pourra|sera revue?|"
    r"consultations?|rendez-vous|rdv|reverrons|revoir|convoque\w*|controles?|hopital de jour)"
)
_NONE = re.compile(
    r"(?<![a-z])(?:aucune?|pas d[e']|absence d[e']|sans|annulee?s?|refus\w*|n'est pas|ne sera pas|neant|"
    r"plus d[e'])(?![a-z])"
)
_DONE = re.compile(
    r"(?<![a-z])(?:a ete (?:vue?|realisee?|faite?|pratiquee?|effectuee?)|ont ete|vue? en consultation|realisee?s? le|"
    r"faite?s? le|retrouv\w+|montr\w+|objectiv\w+|normale?s?|revenue?s?|negati\w+|positi\w+|lors d[eu']|etait|"
    r"avait)(?![a-z])"
)


def tasks_in(sentence: Sentence, *, year: str, written: str) -> Iterator[ReadFact]:
    """At most one, doubtful when it is on a condition or only discussed. What is done or not wanted is no task."""
    if _is_taken_back(sentence.plain):
        return
    if _is_expected(sentence):
        yield _task("expected_result", sentence, year, written)
    elif _is_follow_up(sentence):
        task = _task("follow_up", sentence, year, written)
        if not _is_over(task.start, written):
            yield task


def _is_taken_back(plain: str) -> bool:
    if says_nothing(plain) or is_of_family(plain):
        return True
    return bool(_NONE.search(plain)) and not _NOT_YET.search(plain)


def _doubts(plain: str) -> tuple[str, ...]:
    held = ((CONDITIONAL, is_on_condition(plain)), (SUPPOSED, is_supposed(plain)))
    return tuple(doubt for doubt, holds in held if holds)


def _is_expected(sentence: Sentence) -> bool:
    if sentence.part == "expected":
        return _says_something(sentence) and not (_MEETING.search(sentence.plain) or _DONE.search(sentence.plain))
    told = sentence.part not in ("history", "problems", "allergies")
    return told and bool(_RESULTS.search(sentence.plain) and _PENDING.search(sentence.plain))


def _is_follow_up(sentence: Sentence) -> bool:
    plain = sentence.plain
    if _DONE.search(plain):
        return False
    if sentence.part == "follow_up":
        return _says_something(sentence) and bool(_APPOINTMENT.search(plain) or _TO_COME.search(plain) or due_of(plain))
    if sentence.part in ("history", "problems", "allergies"):
        return False
    if _SEEN_AGAIN.search(plain) or _ASKED.search(plain) or _ASKED.search(_after_condition(plain)):
        return True
    return bool(_APPOINTMENT.search(plain) and (_TO_COME.search(plain) or is_on_condition(plain)))


def _after_condition(plain: str) -> str:
    """« si la fièvre réapparaît, refaire un ECBU »: what is asked for follows the comma."""
    return plain.partition(",")[2].strip() if is_on_condition(plain.partition(",")[0]) else ""


def _says_something(sentence: Sentence) -> bool:
    return re.search(r"[a-z]{3}", sentence.plain) is not None


def _task(kind: FactKind, sentence: Sentence, year: str, written: str) -> ReadFact:
    due = due_of(sentence.plain, year=year, written=written)
    if kind == "expected_result" and due <= written[:10]:
        due = ""
    return fact_from(kind, sentence, label=_label(sentence), start=due, doubts=_doubts(sentence.plain))


def _label(sentence: Sentence) -> str:
    """What is asked for, with its heading when that says it: « RDV de cardiologie : le 12 mars »."""
    said = sentence.text[bullet_of(sentence.text) :]
    return said if _PLAIN_TITLE.fullmatch(folded(sentence.title) or " ") else f"{sentence.title} {said}"


def _is_over(due: str, written: str) -> bool:
    day, day_written = real_day(due), real_day(written)
    return bool(day and day_written and day < day_written)
