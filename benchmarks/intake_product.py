"""What the intake bench asks of the product, in a process that has its environment: set up, look, count, take apart.

python -m benchmarks.intake_product residents N | mailbox ADDRESS PORT AUTHORITY | count | kept | stages ADDRESS N |
fill_messages N | fill_residents N
"""

import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 (Django is set up first)
from django.utils import timezone  # noqa: E402

from benchmarks.corpus import patient_of  # noqa: E402
from benchmarks.intake_dovecot import HOST, PASSWORD  # noqa: E402
from benchmarks.intake_filling import fill_messages, fill_residents  # noqa: E402
from liaison.apps.blobs import store  # noqa: E402
from liaison.apps.filing import together as filing  # noqa: E402
from liaison.apps.intake import pipeline, poll  # noqa: E402
from liaison.apps.intake.models import Document, RawMessage  # noqa: E402
from liaison.apps.mailboxes import imap  # noqa: E402
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox  # noqa: E402
from liaison.apps.mailboxes.connection import Credentials  # noqa: E402
from liaison.apps.mailboxes.models import Mailbox, Operator  # noqa: E402
from liaison.apps.mailboxes.sessions import open_inbox  # noqa: E402
from liaison.apps.operations.setup import migrate  # noqa: E402
from liaison.apps.organisations.actions import do_add_site  # noqa: E402
from liaison.apps.organisations.models import Site  # noqa: E402
from liaison.apps.residents.actions import do_register  # noqa: E402
from liaison.apps.residents.models import Resident  # noqa: E402
from liaison.core.people import INS_TEST  # noqa: E402


def residents(count: str) -> None:
    """A home, and as its residents the people of the first ``count`` mails."""
    migrate()
    site = do_add_site(group_name="Groupe", name="Résidence du banc", city="Reims", finess="510000001")
    for number in range(int(count)):
        patient = patient_of(number)
        identity = {
            "ins": patient.ins,
            "ins_oid": INS_TEST,
            "ins_status": Resident.InsStatus.QUALIFIED,
            "birth_family": patient.birth_family,
            "birth_given": patient.birth_given,
            "given_names": patient.given_names,
            "birth_date": patient.birth_date,
            "sex": patient.sex,
            "birth_place": patient.birth_place,
        }
        do_register(site=site, identity=identity, care_team=[])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def mailbox(address: str, port: str, authority: str) -> None:
    """The one mailbox there is to drain; the workers, for whom it was polled just now, leave it to the drain.

    Otherwise they begin with it while the drain still starts, and the time it takes to start is counted as work.
    """
    operator = Operator.objects.first() or do_add_operator(
        name="Banc",
        host=HOST,
        imap_port=int(port),
        smtp_port=int(port),
        security=Operator.Security.TLS,
        authority_file=authority,
    )
    Mailbox.objects.update(active=False)
    do_open_mailbox(
        site=Site.objects.earliest("pk"),
        operator=operator,
        kind=Mailbox.Kind.ORGANISATIONAL,
        label=address,
        credentials=Credentials(address, password=PASSWORD),
        holders=[],
    )
    Mailbox.objects.filter(active=True).update(polled_at=timezone.now())


def count() -> dict[str, int]:
    """How far the intake is: messages kept, read, and documents that the rule table has looked at."""
    return {
        "received": RawMessage.objects.count(),
        "distinct": RawMessage.objects.values("blob").distinct().count(),
        "read": RawMessage.objects.filter(state=RawMessage.State.READ).count(),
        "documents": Document.objects.count(),
        "proposed": Document.objects.filter(proposal__isnull=False).count(),
        "matched": Document.objects.filter(proposal__rule=1).count(),
    }


def kept() -> list[str]:
    """The SHA-256 of every message as the store gives it back."""
    return [store.name_of(store.get(name)) for name in RawMessage.objects.values_list("blob", flat=True)]


def stages(address: str, messages: str) -> dict[str, float]:
    """Milliseconds of a message in each function on its way, one process, one batch after the other.

    ``take_new`` (a poll) holds ``do_receive_all``, which holds ``put_all`` (the disk); ``read_message`` holds
    ``read_pdf_apart``.
    """
    times: dict[str, list[float]] = {}
    _time(times, store, "put_all")
    _time(times, poll, "do_receive_all")
    _time(times, pipeline, "do_keep_readings")
    _time(times, pipeline, "read_message")
    _time(times, pipeline, "read_pdf_apart")
    _time(times, store, "get")
    _time(times, filing, "propose_all")
    _time(times, poll, "take_new")
    box = Mailbox.objects.get(address=address)
    with open_inbox(box) as reader:
        poll.take_new(box, reader)
    unread = list(RawMessage.objects.filter(mailbox=box).order_by("pk").values_list("pk", flat=True))[: int(messages)]
    for start in range(0, len(unread), imap.BATCH_MESSAGES):
        pipeline.read_all_or_note(unread[start : start + imap.BATCH_MESSAGES])
    filing.propose_all(list(Document.objects.filter(message__in=unread).values_list("pk", flat=True)))
    received = RawMessage.objects.filter(mailbox=box).count()
    by = {"put_all": received, "do_receive_all": received, "take_new": received}
    return {name: round(sum(spent) / by.get(name, len(unread)) * 1000, 3) for name, spent in times.items()}


def _time(times: dict[str, list[float]], owner: Any, name: str) -> None:
    function: Callable[..., Any] = getattr(owner, name)

    @wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            times.setdefault(name, []).append(time.perf_counter() - begun)

    setattr(owner, name, timed)


def main(arguments: list[str]) -> None:
    command, *rest = arguments
    commands: dict[str, Callable[..., Any]] = {
        "residents": residents,
        "mailbox": mailbox,
        "count": count,
        "kept": kept,
        "stages": stages,
        "fill_messages": fill_messages,
        "fill_residents": fill_residents,
    }
    print(json.dumps(commands[command](*rest)))


if __name__ == "__main__":
    main(sys.argv[1:])
