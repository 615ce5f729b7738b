"""A million letters to search: several homes, their people, and texts whose words are as frequent as those of French.

Every word after the medical ones is invented from syllables; the frequencies follow Zipf's law over 30,000 of them. The
rows go in by COPY, and each text through the product's own ``search_stems``. Kept under the home of the benches, and
used again for the same number of documents.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import django
import numpy as np
import psycopg
from django.apps import apps
from django.db.models import JSONField, Model

SITES = 20
RESIDENTS_A_SITE = 500
VOCABULARY = 30_000
SHORTEST, LONGEST = 150, 200
RARE_EVERY = 40_000
START = datetime(2021, 1, 4, 8, tzinfo=UTC)
RARE = "zygomatique"
PHRASE = ("pancréatite", "aiguë", "lithiasique")
PHRASE_EVERY = 2_000
COMMON = [
    "patient",
    "hospitalisation",
    "traitement",
    "sortie",
    "résident",
    "examen",
    "bilan",
    "clinique",
    "médecin",
    "service",
    "jour",
    "comprimé",
    "matin",
    "soir",
    "douleur",
    "tension",
    "cardiaque",
    "évolution",
    "favorable",
    "consultation",
    "suivi",
    "insuffisance",
    "rénale",
    "radiographie",
    "thorax",
    "antibiotique",
    "fièvre",
    "chute",
    "fracture",
    "hanche",
    "kinésithérapie",
    "autonomie",
    "troubles",
    "cognitifs",
    "escarre",
    "albumine",
    "créatinine",
    "hémocultures",
    "décompensation",
    "respiratoire",
    "pneumopathie",
    "diabète",
    "insuline",
    "anticoagulant",
    "fibrillation",
    "auriculaire",
    "paracétamol",
    "furosémide",
    "ramipril",
    "bisoprolol",
    "amlodipine",
    "apixaban",
    "scanner",
    "cérébral",
    "confusion",
    "déshydratation",
]
SYLLABLES = [
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "lé",
    "mi",
    "no",
    "pa",
    "ri",
    "su",
    "ta",
    "vo",
    "gne",
    "cha",
    "tion",
    "ment",
    "ique",
    "ose",
    "ine",
    "ate",
    "ère",
    "eux",
    "al",
    "our",
]
FAMILIES = [
    "LEFÈVRE",
    "MARTIN",
    "BERNARD",
    "THOMAS",
    "PETIT",
    "ROBERT",
    "RICHARD",
    "DURAND",
    "MOREL",
    "GIRARD",
    "FOURNIER",
    "MERCIER",
    "BLANC",
    "GARNIER",
]
GIVEN = [
    "SUZANNE",
    "MARIE",
    "JEAN",
    "ANDRÉ",
    "PAULETTE",
    "DENISE",
    "ROGER",
    "RENÉ",
    "GERMAINE",
    "LUCIEN",
    "SIMONE",
    "ODETTE",
    "YVETTE",
    "MARCEL",
]


@dataclass(frozen=True, slots=True)
class Places:
    """The numbers of the rows the letters hang on; ``residents`` are grouped by site, in the same order."""

    sites: tuple[int, ...]
    mailboxes: tuple[int, ...]
    residents: tuple[tuple[int, ...], ...]


def vocabulary() -> list[str]:
    """The common words first, then invented ones, each once."""
    draw = np.random.default_rng(7)
    words = dict.fromkeys(COMMON)
    while len(words) < VOCABULARY:
        words["".join(draw.choice(SYLLABLES, draw.integers(2, 6)))] = None
    return list(words)


class Texts:
    """The text of each letter by its number, the same at each run."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._words = np.array(vocabulary(), dtype=object)
        weights = 1.0 / np.arange(4, VOCABULARY + 4) ** 1.05
        self._cumulated = np.cumsum(weights / weights.sum())

    def text(self, number: int, name: str) -> str:
        length = int(self._draw.integers(SHORTEST, LONGEST))
        words = list(self._words[np.searchsorted(self._cumulated, self._draw.random(length))])
        words.insert(2, name)
        if number % RARE_EVERY == 0:
            words.insert(50, RARE)
        if number % PHRASE_EVERY == 0:
            words[80:80] = PHRASE
        return " ".join(words)


def messages(places: Places, numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        place = number % SITES
        at = START + timedelta(minutes=number * 2)
        yield {
            "id": number,
            "uuid": UUID(int=number),
            "site_id": places.sites[place],
            "mailbox_id": places.mailboxes[place],
            "uid_validity": 1,
            "uid": number,
            "size": 1,
            "received_at": at,
            "fetched_at": at,
            "state": "read",
            "handling": "done",
            "sender": "service@hopital.mssante.fr",
            "sender_label": "Service de gériatrie",
            "subject": f"Lettre de liaison {number}",
            "body": "Veuillez trouver la lettre ci-jointe.",
        }


def documents(places: Places, numbers: range, leaf: int) -> Iterator[dict[str, Any]]:
    texts = Texts(numbers.start)
    for number in numbers:
        yield {
            "id": number,
            "uuid": UUID(int=number),
            "site_id": places.sites[number % SITES],
            "message_id": number,
            "position": 0,
            "source_leaf_id": leaf,
            "state": "filed",
            "type_label": "Lettre de liaison",
            "title": "Lettre de liaison à la sortie",
            "custodian": "Centre hospitalier",
            "text": texts.text(number, name_of(number)),
            "created_at": START + timedelta(minutes=number * 2),
        }


def filings(places: Places, numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        residents = places.residents[number % SITES]
        yield {
            "id": number,
            "document_id": number,
            "resident_id": residents[number // SITES % len(residents)],
            "rule": 1,
            "automatic": True,
            "filed_at": START + timedelta(minutes=number * 2),
        }


def name_of(number: int) -> str:
    return f"{GIVEN[number % len(GIVEN)]} {FAMILIES[number // 3 % len(FAMILIES)]}"


def copy(connection: psycopg.Connection, model: type[Model], rows: Iterator[dict[str, Any]]) -> None:
    """Each row over the defaults of the model's other fields."""
    meta = model._meta  # noqa: SLF001 (documented by Django in spite of its name)
    fields = {field.attname: field for field in meta.concrete_fields}
    defaults = {name: _default(field) for name, field in fields.items()}
    statement = f"COPY {meta.db_table} ({', '.join(fields)}) FROM STDIN"
    with connection.cursor().copy(statement) as into:
        for row in rows:
            into.write_row(list((defaults | row).values()))


def _default(field: Any) -> Any:
    value = field.get_default()
    if isinstance(field, JSONField):
        return json.dumps(value)
    return value if field.null or value is not None else ""


def fill(url: str, places: Places, leaf: int, numbers: range) -> None:
    """One half of the letters, with their words; two processes do one each."""
    django.setup()
    with psycopg.connect(url, options="-c liaison.sites=*") as connection:
        copy(connection, apps.get_model("intake", "RawMessage"), messages(places, numbers))
        copy(connection, apps.get_model("intake", "Document"), documents(places, numbers, leaf))
        copy(connection, apps.get_model("filing", "Filing"), filings(places, numbers))
        connection.commit()
        between = [numbers.start, numbers.stop - 1]
        connection.execute(WORDS_OF_DOCUMENTS, between)
        connection.execute(WORDS_OF_MESSAGES, between)


WORDS_OF_DOCUMENTS = """
    INSERT INTO search_indexeddocument (document_id, site_id, mailbox_id, words)
    SELECT d.id, d.site_id, m.mailbox_id,
        search_stems(concat_ws(' ', d.title, d.type_label, d.custodian, search_day(d.effective_time, d.read_date)),
            d.text, d.site_id, d.id)
    FROM intake_document d JOIN intake_rawmessage m ON m.id = d.message_id WHERE d.id BETWEEN %s AND %s
"""
WORDS_OF_MESSAGES = """
    INSERT INTO search_indexedmessage (message_id, site_id, mailbox_id, words)
    SELECT m.id, m.site_id, m.mailbox_id,
        search_stems(concat_ws(' ', m.subject, m.sender_label, m.sender), m.body, m.mailbox_id, m.id)
    FROM intake_rawmessage m WHERE m.id BETWEEN %s AND %s
"""
GIN = {
    "document_words": "CREATE INDEX document_words ON search_indexeddocument USING gin (words)"
    " WITH (gin_pending_list_limit=512)",
    "message_words": "CREATE INDEX message_words ON search_indexedmessage USING gin (words)"
    " WITH (gin_pending_list_limit=512)",
}


FILLED = ("intake_rawmessage", "intake_document", "filing_filing", "search_indexeddocument", "search_indexedmessage")


def build(url: str, places: Places, leaf: int, count: int) -> dict[str, float]:
    """Fill the tables by two processes, then make the indexes at once; the seconds each took."""
    times = {}
    with psycopg.connect(
        url, autocommit=True, options="-c liaison.sites=* -c maintenance_work_mem=512MB"
    ) as connection:
        connection.execute("ALTER TABLE intake_document DISABLE TRIGGER keep_words")
        for table in FILLED:  # COPY is refused behind a policy; nobody reads meanwhile
            connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for index in GIN:
            connection.execute(f"DROP INDEX {index}")
        begun = time.monotonic()
        cuts = [1, count // 2 + 1, count + 1]
        with get_context("spawn").Pool(2) as pool:
            pool.starmap(fill, [(url, places, leaf, range(cuts[half], cuts[half + 1])) for half in (0, 1)])
        times["rows"] = time.monotonic() - begun
        begun = time.monotonic()
        for statement in GIN.values():
            connection.execute(statement)
        times["index"] = time.monotonic() - begun
        connection.execute("ALTER TABLE intake_document ENABLE TRIGGER keep_words")
        for table in FILLED:
            connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        connection.execute("VACUUM (ANALYZE) search_indexeddocument, search_indexedmessage, intake_document")
        connection.execute("VACUUM (ANALYZE) intake_rawmessage, filing_filing, residents_resident")
        for table in ("intake_document", "intake_rawmessage", "filing_filing"):
            connection.execute(f"SELECT setval('{table}_id_seq', %s)", [count + 1])
    return times
