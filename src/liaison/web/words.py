"""French words for values: times, sizes, types, states. Words only: nothing here decides anything."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from liaison.apps.treatments.models import TreatmentLine
from liaison.apps.treatments.words import intake, times, times_of_letter
from liaison.apps.treatments.written import Written
from liaison.core.people import INS_DEMO, INS_NIA, INS_NIR, INS_TEST

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:[T ](\d{2}:\d{2}))?")
_MEDIA = {
    "application/pdf": "PDF",
    "application/zip": "archive ZIP",
    "text/xml": "XML",
    "text/html": "page HTML",
    "text/plain": "texte",
    "text/rtf": "texte RTF",
    "image/png": "image PNG",
    "image/jpeg": "image JPEG",
    "image/tiff": "image TIFF",
    "message/delivery-status": "accusé de remise",
    "message/disposition-notification": "accusé de lecture",
    "application/octet-stream": "fichier de nature inconnue",
}
_ROUTES_OF_THE_IDENTITY = {
    "certain": "identité certaine",
    "trait_differs": "un trait diffère",
    "incomplete_ins": "INS sans tous ses traits",
    "no_ins": "pas d'INS dans le document",
    "unknown": "aucun résident ne porte cette INS",
    "not_qualified": "identité locale non qualifiée",
    "several": "plusieurs résidents possibles",
    "contradiction": "le message se contredit",
}
_INS_ROOTS = {
    INS_NIR: "NIR",
    INS_NIA: "NIA (identifiant d'attente)",
    INS_TEST: "INS de test",
    INS_DEMO: "INS de démonstration",
}
_QUEUES = {"intake": "réception", "polling": "relève", "sending": "envoi", "sweeps": "rondes"}
_SEXES = {"F": "Féminin", "M": "Masculin", "U": "Inconnu"}


def age(moment: datetime, now: datetime) -> str:
    """« il y a 12 min »: seconds, minutes, hours up to two days, then days."""
    elapsed = max(now - moment, timedelta(0))
    seconds = int(elapsed.total_seconds())
    steps = ((60, 1, "s"), (3600, 60, "min"), (48 * 3600, 3600, "h"))
    for limit, unit, word in steps:
        if seconds < limit:
            return f"il y a {seconds // unit} {word}"
    return f"il y a {elapsed.days} j"


def moment(value: datetime) -> str:
    """« 22/11/2026 à 14:05 », in the site's time zone."""
    local = timezone.localtime(value)
    return f"{date_format(local, 'd/m/Y')} à {date_format(local, 'H:i')}"


def stated_date(text: str | date | None) -> str:
    """An ISO 8601 date at the precision of its source, in French order; anything else as it is."""
    found = _PARTIAL_DATE.match(str(text or ""))
    if not found:
        return str(text or "")
    year, month, day, hour = found.groups()
    written = "/".join(part for part in (day, month, year) if part)
    return f"{written} à {hour}" if hour else written


def media(media_type: str) -> str:
    return _MEDIA.get(media_type, media_type)


def queue_word(name: str) -> str:
    return _QUEUES.get(name, name)


def identity_route(kind: str) -> str:
    """Why the rule table sends a document to a person, in a few words."""
    return _ROUTES_OF_THE_IDENTITY.get(kind, "identité à vérifier")


def trait_value(trait: str, value: str) -> str:
    """One trait as people read it: dates in French order, the sex in a word, the matricule in groups."""
    forms: dict[str, Callable[[str], str]] = {
        "birth_date": stated_date,
        "sex": lambda sex: _SEXES.get(sex, sex),
        "ins": matricule,
        "ins_oid": lambda root: _INS_ROOTS.get(root, root),
    }
    return forms[trait](value) if trait in forms else value


def matricule(value: str) -> str:
    """« 2 40 05 51 454 012 34 »: the fifteen characters of an INS in the groups of the French card."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    if len(value) != cuts[-1]:
        return value
    return " ".join(value[start:end] for start, end in pairwise(cuts))


def dosage(line: Any) -> str:
    """« 1 comprimé · matin et soir · orale · si besoin », from a treatment line or the JSON of a letter's line."""
    read = line.get if isinstance(line, Mapping) else lambda name: getattr(line, name, "")
    taken, when = read("dose"), read("frequency")
    if isinstance(line, TreatmentLine | Written):
        taken, when = intake(line), times(line)
    elif isinstance(line, Mapping):
        when = times_of_letter(line)
    parts = [taken, when, read("route"), "si besoin" if read("as_needed") else ""]
    return " · ".join(str(part) for part in parts if part)


def thousands(number: int) -> str:
    """« 12 000 », « 5 007 »: by three, with a space that does not break."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def count(number: int, singular: str, plural: str = "") -> str:
    """« 1 message », « 3 messages », « 12 000 messages »; zero is singular in French."""
    return f"{thousands(number)} {singular if number < 2 else plural or singular + 's'}"  # noqa: PLR2004 (French grammar)
