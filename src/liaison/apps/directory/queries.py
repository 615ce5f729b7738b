"""Questions to the directory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from liaison.apps.directory.models import (
    DirectoryEntry,
    DirectoryWord,
    Edition,
    Professional,
    ProfessionalAddress,
    TrustedDomain,
)
from liaison.core.directory.allow_list import domain_key
from liaison.core.directory.values import Listed
from liaison.core.directory.words import closeness, department_word, near, other_ways, slips, typed_words

MOST_FOUND = 20
MOST_LINES = 150
SHORTEST_BEGINNING = 3
MOST_NEAR = 12
MOST_BEGUN = 30
CANDIDATES = 60
COMMON = 5_000
DEPARTMENT_DIGITS = 2
LISTED_FIELDS = Listed._fields


@dataclass(frozen=True, slots=True)
class Found:
    """A professional or a service of the national directory, with its addresses; ``key`` names it on the screens."""

    key: str
    lines: tuple[Listed, ...]

    @property
    def listed(self) -> Listed:
        return self.lines[0]

    @property
    def name(self) -> str:
        """« Docteur Anne MOREL », or « PHARMACIE DU PORT, Officine »."""
        one = self.listed
        if one.kind == "ORG" or not one.family:
            return ", ".join(filter(None, (one.structure or one.email, one.service)))
        return " ".join(filter(None, (one.title, one.given, one.family)))

    @property
    def trade(self) -> str:
        return ", ".join(filter(None, (self.listed.profession, self.listed.speciality)))


def domain_of(address: str) -> str:
    """The domain of an address, in the form domains are compared in."""
    return domain_key(address.rpartition("@")[2])


def is_trusted_address(address: str) -> bool:
    """Whether the address belongs to the MSSanté trust circle (liste blanche)."""
    return TrustedDomain.objects.filter(domain=domain_of(address)).exists()


def trusted_addresses(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that belong to it."""
    domains = {address: domain_of(address) for address in addresses}
    trusted = set(TrustedDomain.objects.filter(domain__in=domains.values()).values_list("domain", flat=True))
    return {address for address, domain in domains.items() if domain in trusted}


def professional_of(address: str) -> Professional | None:
    found = ProfessionalAddress.objects.filter(email=address.lower()).select_related("professional").first()
    return found.professional if found else None


def known_addresses(addresses: Set[str]) -> frozenset[str]:
    """Those of these addresses, in lower case, that a professional has."""
    return frozenset(ProfessionalAddress.objects.filter(email__in=addresses).values_list("email", flat=True))


def current_edition(source: str = Edition.Source.EXTRACTION) -> Edition | None:
    """The copy of a national file that is in service."""
    return Edition.objects.filter(source=source, state=Edition.State.CURRENT).first()


def last_refusal(source: str = Edition.Source.EXTRACTION) -> Edition | None:
    """The last file refused since the copy in service was taken, if any."""
    current = current_edition(source)
    refused = Edition.objects.filter(source=source, state=Edition.State.REFUSED)
    return (refused.filter(started_at__gt=current.started_at) if current else refused).first()


def has_directory() -> bool:
    return current_edition() is not None


def published_at() -> datetime | None:
    """When the copy in service was published; None without one."""
    current = current_edition()
    return current.published_at if current else None


def search_directory(text: str, *, department: str = "", limit: int = MOST_FOUND) -> list[Found]:
    """Professionals and services by name, town, profession or speciality, each word by its beginning, slips allowed.

    Those of ``department`` come first. When nothing answers what was typed to the letter, words a slip away are tried.
    """
    typed = typed_words(text)
    if not typed:
        return []
    with transaction.atomic():
        _prefer_indexes()
        known = _lines_of(typed)
        found = _search([_ways(word, known, last=word == typed[-1]) for word in typed], department, limit)
        unknown = {word for word in typed if word not in known}
        for slipped in (unknown, {*typed}) if unknown < {*typed} else ({*typed},):
            found = found or _search([_slipped(word, known, slipped) for word in typed], department, limit)
    return sorted(found, key=lambda one: -max(closeness(typed, line) for line in one.lines))[:limit]


def entries_under(keys: Iterable[str]) -> list[Found]:
    """What the copy in service holds under these keys."""
    rows = DirectoryEntry.objects.filter(key__in=list(keys)).order_by("id")
    return _grouped(rows.values_list("key", *LISTED_FIELDS))


def find_known(text: str, limit: int = 10) -> list[Professional]:
    """The professionals we already know, those without any address included: what the national directory leaves out."""
    found = Professional.objects.prefetch_related("addresses").order_by("family", "given")
    for word in typed_words(text):
        found = (
            found.filter(family__unaccent__icontains=word)
            | found.filter(given__unaccent__istartswith=word)
            | found.filter(speciality__unaccent__icontains=word)
        )
    return list(found.distinct()[:limit]) if typed_words(text) else []


def _prefer_indexes() -> None:
    """A limit makes the planner bet on reading the whole table: lost as soon as few lines answer."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL pg_trgm.similarity_threshold = 0.35")


def _search(alternatives: Sequence[Sequence[str]], department: str, limit: int) -> list[Found]:
    """Near the home first, then everywhere when that does not fill the list. ``alternatives`` hold one word's each."""
    if not all(alternatives):
        return []
    query = " & ".join(f"({' | '.join(words)})" for words in alternatives)
    near_home = _lines(f"{query} & {department_word(department)}") if department else []
    if len(near_home) >= limit:
        return near_home
    known = {one.key for one in near_home}
    return [*near_home, *(one for one in _lines(query) if one.key not in known)]


def _lines(query: str) -> list[Found]:
    rows = DirectoryEntry.objects.extra(where=["words @@ %s::tsquery"], params=[query])
    return _grouped(rows.values_list("key", *LISTED_FIELDS)[:MOST_LINES])


def _grouped(rows: Iterable[Sequence[object]]) -> list[Found]:
    by_key: dict[str, list[Listed]] = defaultdict(list)
    for key, *cells in rows:
        by_key[str(key)].append(Listed(*cells))  # type: ignore[arg-type]  # the columns are those of Listed, in order
    return [Found(key, tuple(lines)) for key, lines in by_key.items()]


def _ways(word: str, known: Mapping[str, int], *, last: bool) -> list[str]:
    """What stands for a typed word in a tsquery: itself when the directory knows it, else what it begins.

    The word being typed, the last, is a beginning too, unless it is one of the commonest: « médecin » is whole.
    """
    if word.isdecimal():
        return [department_word(word) if len(word) == DEPARTMENT_DIGITS else f"{word}:*"]
    if last and len(word) < SHORTEST_BEGINNING:
        return [word, *_begun(word)]
    whole = len(word) < SHORTEST_BEGINNING or (word in known and (not last or known[word] > COMMON))
    return [word if whole else f"{word}:*", *(f"{way}:*" for way in other_ways(word))]


def _begun(beginning: str) -> list[str]:
    """The commonest words two letters begin, those of trades and towns left out: « ly » stands for Ly, Lyautey…"""
    words = DirectoryWord.objects.filter(word__startswith=beginning, lines__lte=COMMON).order_by("-lines", "word")
    return list(words.values_list("word", flat=True)[:MOST_BEGUN])


def _slipped(word: str, known: Mapping[str, int], slipped: Set[str]) -> list[str]:
    """The same, and for the words that may be slips the known ones a slip or two away; a number is taken as it is."""
    as_typed = _ways(word, known, last=True)
    return [*as_typed, *_near(word)] if word in slipped and not word.isdecimal() else as_typed


def _lines_of(words: Iterable[str]) -> dict[str, int]:
    """On how many lines each of these words stands, for those the copy in service knows."""
    known = DirectoryWord.objects.extra(where=["word = ANY(%s)"], params=[list(words)])
    return dict(known.values_list("word", "lines"))


def _near(word: str) -> list[str]:
    """One slip away by looking each possible word up; two slips away by trigrams, which only a long word affords."""
    one = _lines_of(slips(word))
    if one:
        return sorted(one, key=lambda each: -one[each])[:MOST_NEAR]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM directory_directoryword WHERE word %% %s ORDER BY similarity(word, %s) DESC LIMIT %s",
            [word, word, CANDIDATES],
        )
        return list(near(word, [row[0] for row in cursor.fetchall()])[:MOST_NEAR])
