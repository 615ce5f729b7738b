"""What a letter asks for after the stay: appointments and examinations, results still to come."""

import re
from collections.abc import Iterator

from liaison.core.letter_facts.days import due_of, real_day
from liaison.core.letter_facts.doubt import is_of_family, is_on_condition, is_supposed, says_nothing
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import FactKind, ReadFact
from liaison.core.letter_facts.writing import fact_from
from liaison.core.medication.from_text.headings import bullet_of

_APPOINTMENT = re.compile(
    r"(?<![a-z])(?:rendez-vous|rdv|consultations?|teleconsultation|visite de controle|hopital de jour|reevaluation|"
    r"controles?|bilan|surveillance|radiographies?|radio|echographies?|echo|scanner|irm|ecg|holter|kardia|"
    r"pansements?|"
    r"ablation|nfs|creatinine|ionogramme|inr|kaliemie|prise de sang|biologie|coloscopie|fibroscopie|"
    r"endoscopie)(?![a-z])"
)
_TO_COME = re.compile(
    r"(?<![a-z])(?:prevue?s?|a prevoir|prevoir|programmee?s?|a programmer|programmer|fixee?s?|prise?|organisee?|"
    r"a organiser|"
    r"sera (?:revue?|convoquee?|realisee?|fait|faite|controlee?)|seront|a (?:revoir|controler|refaire|realiser|faire|"
    r"renouveler|contacter)|a reprendre|merci de|dans \w+ (?:jours?|semaines?|mois|ans?)|a \d+ (?:jours|"
    r"semaines|mois|ans?)|"
    r"sous \w+ (?:jours?|semaines?|mois)|d'ici|avant le|le (?:lundi|mardi|mercredi|jeudi|vendredi|"
    r"samedi)?\s*\d{1,2}\W)"
)
_SEEN_AGAIN = re.compile(
    r"(?<![a-z])(?:sera (?:revue?|convoquee?)|a revoir|revoir (?:le|la) patiente?|reverrons)(?![a-z])"
)
_RESULTS = re.compile(
    r"(?<![a-z])(?:resultats?|anatomo-?pathologi\w+|anapath|histologi\w+|cytologi\w+|cultures?|hemocultures?|ecbu|"
    r"serologies?|dosages?|antibiogramme|biopsies?|prelevements?|vitamine \w+|myelogramme|caryotype|"
    r"electrophorese|immuno\w+|bilan)(?![a-z])"
)
_PENDING = re.compile(
    r"(?<![a-z])(?:en attente|en cours|attendus?|attendue?s?|a recuperer|non (?:parvenue?s?|rendue?s?|"
    r"disponibles?|recus?)|"
    r"vous (?:sera|seront) (?:transmi\w+|adresse\w*|communique\w*)|restent? a recevoir|pas encore)(?![a-z])"
)
_NOT_YET = re.compile(r"(?<![a-z])(?:pas|ne sont pas) encore (?:revenu|rendu|parvenu|disponible|recu)")
_MEETING = re.compile(
    r"(?<![a-z])(?:consultations?|rendez-vous|rdv|reverrons|revoir|convoque\w*|controles?|hopital de jour)"
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
    """At most one. What is on a condition, discussed, done already or not wanted is no task."""
    if _is_taken_back(sentence.plain):
        return
    if _is_expected(sentence):
        yield _task("expected_result", sentence, year, written)
    elif _is_follow_up(sentence):
        task = _task("follow_up", sentence, year, written)
        if not _is_over(task.start, written):
            yield task


def _is_taken_back(plain: str) -> bool:
    if says_nothing(plain) or is_supposed(plain) or is_on_condition(plain) or is_of_family(plain):
        return True
    return bool(_NONE.search(plain)) and not _NOT_YET.search(plain)


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
    return bool(_SEEN_AGAIN.search(plain) or (_APPOINTMENT.search(plain) and _TO_COME.search(plain)))


def _says_something(sentence: Sentence) -> bool:
    return re.search(r"[a-z]{3}", sentence.plain) is not None


def _task(kind: FactKind, sentence: Sentence, year: str, written: str) -> ReadFact:
    due = due_of(sentence.plain, year=year, written=written)
    if kind == "expected_result" and due <= written[:10]:
        due = ""
    return fact_from(kind, sentence, label=sentence.text[bullet_of(sentence.text) :], start=due)


def _is_over(due: str, written: str) -> bool:
    day, day_written = real_day(due), real_day(written)
    return bool(day and day_written and day < day_written)
