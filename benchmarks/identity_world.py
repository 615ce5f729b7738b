"""A home with as many residents as is asked, in PostgreSQL, behind the wall; and the finders that ask PostgreSQL.

Imported once Django is set up. One home holds them all: the hardest case for a search that is always of some homes.
"""

import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.db import connection

from benchmarks.identity_filling import PLAIN, fill, settle
from benchmarks.identity_people import People
from liaison.apps.operations.setup import migrate
from liaison.apps.organisations import row_security
from liaison.apps.organisations.actions import do_add_site, do_add_user
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.models import Resident, ResidentName
from liaison.apps.residents.search import identities_near
from liaison.core.identity.decide import decide
from liaison.core.identity.traits import search_name
from liaison.core.people import Patient

MARK = "bench-mark"
Found = list[tuple[int, float]]


def make_ready(people: People, residents: int) -> Site:
    """The home and its residents, unless a former run left them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('liaison.sites', '*', false)")
    migrate()
    if not User.objects.filter(username=MARK).exists():
        home = {"group_name": "Groupe", "name": "Résidence du banc", "city": "Reims", "finess": "510000001"}
        site = Site.objects.first() or do_add_site(**home)
        _fill(os.environ["DATABASE_URL"], people.seed, site, residents)
        do_add_user(
            username=MARK,
            password="mot-de-passe-du-banc",  # noqa: S106 (a bench of its own, nobody signs in)
            title="",
            given="",
            family="",
            rpps="",
            memberships=[(site, Role.NURSE)],
        )
    site = Site.objects.get()
    row_security.open_scope([site.pk])
    return site


def _fill(url: str, seed: int, site: Site, residents: int) -> None:
    """The rows first, the indexes of the names at once afterwards."""
    with connection.cursor() as cursor:
        for index in ResidentName._meta.indexes:  # noqa: SLF001 (Django's documented way to the model)
            cursor.execute(f"DROP INDEX IF EXISTS {index.name}")
    fill(url, seed, site.pk, residents)
    with connection.schema_editor() as editor:
        for index in ResidentName._meta.indexes:  # noqa: SLF001 (Django's documented way to the model)
            editor.add_index(ResidentName, index)
    settle(url)


def every_resident() -> list[tuple[int, str, str, str, str]]:
    """Number, names in search form, birth date and sex: what a library that works on whole tables is given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resident_id - 1, family, given, birth_date, sex FROM residents_residentname WHERE kind = 'birth'"
        )
        return cursor.fetchall()


def server_time() -> Callable[[], float]:
    """The processor seconds the server has spent for this connection; always 0 where the system does not say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        told = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: int(told.read_text().split()[0]) / 1e9 if told.is_file() else 0.0


def ours(claim: Patient, site: Site) -> tuple[Found, bool]:
    """The work list as the comparison screen shows it, and whether rule 1 would file by itself."""
    decision = decide(claim, identities_near(claim, [site.pk]))
    found = [(UUID(candidate.key).int - 1, candidate.score / 100) for candidate in decision.candidates]
    return found, decision.rule == 1


def exact_rules(claim: Patient, site: Site) -> Found:
    """What a system without a search finds: the same matricule, else the same names and birth date, to the letter."""
    residents = Resident.objects.filter(site=site)
    same = {"birth_date": claim.birth_date, "birth_family": claim.birth_family, "birth_given": claim.birth_given}
    found = residents.filter(ins=claim.ins) if claim.ins else residents.filter(**same)
    return [(number - 1, 1.0) for number in found.values_list("pk", flat=True)[:8]]


def plain_trigrams(claim: Patient, _site: Site) -> Found:
    """pg_trgm as its manual shows it (threshold 0.5 on both names), the same birth date counting for a quarter."""
    typed = f"{search_name(claim.birth_family)} {search_name(claim.birth_given)}"
    with connection.cursor() as cursor:
        cursor.execute("SET pg_trgm.similarity_threshold = 0.5")
        cursor.execute(
            "SELECT resident_id, max(similarity(names, %(typed)s) * 0.75 + (birth_date = %(date)s)::int * 0.25) AS near"  # noqa: S608
            f" FROM {PLAIN} WHERE names %% %(typed)s GROUP BY resident_id ORDER BY near DESC LIMIT 8",
            {"typed": typed, "date": claim.birth_date},
        )
        return [(number - 1, float(score)) for number, score in cursor.fetchall()]
