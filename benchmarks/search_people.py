"""The homes, the people who search, and the other ways to look. Imported once Django is set up."""

import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from benchmarks import search_world
from benchmarks.search_world import RESIDENTS_A_SITE, SITES, Places
from liaison.apps.intake.models import Leaf, RawMessage
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.operations.setup import migrate
from liaison.apps.organisations import row_security
from liaison.apps.organisations.actions import do_add_site, do_add_user
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.models import Resident, ResidentName
from liaison.apps.residents.names import identity_of, name_row
from liaison.apps.search.queries import search
from liaison.apps.search.words import asked_by
from liaison.core.identity.search import names_of

MARK = "bench-mark"
_TABLES = ("intake_document", "search_indexeddocument", "search_indexedmessage")
_SMALL = (
    "organisations_site",
    "organisations_membership",
    "mailboxes_mailbox",
    "residents_resident",
    "residents_residentname",
)
_INDEXES = ("document_words", "message_words")


def make_ready(documents: int) -> dict[str, Any]:
    """The homes and their letters, unless a former run left them; how long they took and how large they are."""
    _see_all()
    migrate()
    if not User.objects.filter(username=MARK).exists():
        _build(documents)
    _name_residents()
    _count_rows()
    seconds = dict(zip(("rows", "index"), map(float, User.objects.get(username=MARK).title.split()), strict=True))
    sizes = {name: _size("pg_total_relation_size", name) for name in _TABLES}
    sizes |= {name: _size("pg_relation_size", name) for name in _INDEXES}
    return {**seconds, "sizes": sizes}


def _build(documents: int) -> None:
    sites = [_site(number) for number in range(SITES)]
    mailboxes = [_mailbox(site) for site in sites]
    residents = [_residents(site, place) for place, site in enumerate(sites)]
    places = Places(
        tuple(site.pk for site in sites), tuple(box.pk for box in mailboxes), tuple(tuple(each) for each in residents)
    )
    _user("group", [(site, Role.NURSE) for site in sites])
    seconds = search_world.build(_url(), places, _leaf(mailboxes[0]), documents)
    mark = _user(MARK, [(sites[0], Role.ADMINISTRATOR)])
    mark.title = " ".join(f"{spent:.0f}" for spent in seconds.values())
    mark.save()


def _url() -> str:
    import os

    return os.environ["DATABASE_URL"]


def _site(number: int) -> Site:
    return do_add_site(group_name="Groupe", name=f"Résidence {number}", city="Reims", finess=f"51{number:07d}")


def _user(username: str, memberships: list[tuple[Site, Role]]) -> User:
    return do_add_user(
        username=username,
        password="mot-de-passe-du-banc",  # noqa: S106 (a bench of its own, nobody signs in)
        title="",
        given="Zoé",
        family="Blanc",
        rpps="",
        memberships=memberships,
    )


def _mailbox(site: Site) -> Mailbox:
    operator = Operator.objects.first() or do_add_operator(
        name="banc",
        host="127.0.0.1",
        imap_port=1,
        smtp_port=1,
        security=Operator.Security.STARTTLS,
        authority_file="/nonexistent",
    )
    secretary = _user(f"secretary-{site.pk}", [(site, Role.SECRETARY)])
    return do_open_mailbox(
        site=site,
        operator=operator,
        kind=Mailbox.Kind.ORGANISATIONAL,
        label=site.name,
        credentials=Credentials(f"bal{site.pk}@maison.mssante.fr", password="banc"),  # noqa: S106 (same)
        holders=[secretary],
    )


def _residents(site: Site, place: int) -> list[int]:
    families, given = search_world.FAMILIES, search_world.GIVEN
    rows = [
        Resident(
            site=site,
            ins_status="PROV",
            birth_family=families[(number + place) % len(families)] + ("" if number < len(families) else f"-{number}"),
            birth_given=given[number * 5 % len(given)],
            given_names=given[number * 5 % len(given)],
            birth_date=f"19{20 + number % 30}-0{1 + number % 9}-1{number % 10}",
            sex="F",
        )
        for number in range(RESIDENTS_A_SITE)
    ]
    return [row.pk for row in Resident.objects.bulk_create(rows)]


def _name_residents() -> None:
    """The names each resident is searched under, which an act would have written."""
    unnamed = Resident.objects.filter(names__isnull=True)
    rows = (name_row(each.pk, each.site_id, name) for each in unnamed for name in names_of(identity_of(each)))
    ResidentName.objects.bulk_create(rows)


def _count_rows() -> None:
    """What PostgreSQL does of itself in time for tables that are written to day by day."""
    with connection.cursor() as cursor:
        for table in _SMALL:
            cursor.execute(f"ANALYZE {table}")


def _leaf(mailbox: Mailbox) -> int:
    """One leaf for all: its bytes are not looked at here."""
    now = timezone.now()
    message = RawMessage.objects.create(
        pk=0, site=mailbox.site, mailbox=mailbox, uid_validity=1, uid=0, blob="0" * 64, size=1,
        received_at=now, fetched_at=now,
    )  # fmt: skip
    return Leaf.objects.create(message=message, position=0, path="1", media_type="application/pdf", size=1, blob="").pk


def _size(function: str, name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_size_pretty({function}(%s::regclass))", [name])
        return str(cursor.fetchone()[0])


def _see_all() -> None:
    row_security.open_scope([])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('liaison.sites', '*', false)")


def one_site() -> User:
    return User.objects.get(username=f"secretary-{Site.objects.order_by('pk')[0].pk}")


def whole_group() -> User:
    return User.objects.get(username="group")


def searcher(user: User) -> Callable[[str], int]:
    """A search as a request makes it: in the scope of the person's sites, through the gate."""
    row_security.open_scope(user.memberships.values_list("site_id", flat=True))
    return lambda text: search(user, text).count


PEERS = {
    "ILIKE, newest first": "SELECT id FROM intake_document WHERE text ILIKE %(like)s ORDER BY id DESC LIMIT 20",
    "the index behind the policy, newest first": "SELECT document_id FROM search_indexeddocument"
    " WHERE words @@ %(query)s::tsquery ORDER BY document_id DESC LIMIT 20",
    "GIN without any wall, ranked": "SELECT document_id FROM search_indexeddocument"
    " WHERE words @@ %(query)s::tsquery ORDER BY ts_rank(words, %(query)s::tsquery) DESC LIMIT 20",
}
WITHOUT_WALL = "GIN without any wall, ranked"


def peers(user: User, queries: dict[str, list[str]], limit: int) -> dict[str, dict[str, str]]:
    """One query of some kinds by each other way: milliseconds, or that it was stopped."""
    row_security.open_scope(user.memberships.values_list("site_id", flat=True))
    chosen = {kind: queries[kind][0] for kind in ("common word", "rare word", "two words", "nothing")}
    return {way: {kind: _peer(way, typed, limit) for kind, typed in chosen.items()} for way in PEERS}


def _peer(way: str, typed: str, limit: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(limit)])
        cursor.execute("SELECT set_config('liaison.searching', %s, false)", ["on" if way == WITHOUT_WALL else ""])
        cursor.execute("SELECT search_query('{}', %s, '')::text", [" ".join(asked_by(typed).whole)])
        asked = {"query": cursor.fetchone()[0], "like": f"%{typed.split(maxsplit=1)[0]}%"}
        begun = time.perf_counter()
        try:
            cursor.execute(PEERS[way], asked)
            cursor.fetchall()
        except DatabaseError:
            return f"stopped after {limit / 1000:.0f} s"
        finally:
            cursor.execute("SELECT set_config('liaison.searching', '', false)")
        return f"{(time.perf_counter() - begun) * 1000:.0f}"
