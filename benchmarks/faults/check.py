"""The invariants, proved from outside: the operator's mailboxes, the database and the blobs, nothing the worker says.

I1 every message of the server is kept, byte for byte; I2 once each; I3 each document is filed once, with what it
writes; I4 what the home's software told is acknowledged and done once; I5 each transmission arrives, and twice only if
a doubt was shown; I6 the same of each letter's receipt; I7 the journal is whole and holds every act once; I8 search
finds what is filed; I9 nothing is stuck; I10 no row without file.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import Any

from django.db import connection
from django.db.models import Count
from imapclient import IMAPClient

from benchmarks.faults.trial import Trial
from benchmarks.faults.world import HOSPITAL, doctor_address, home_address
from liaison.apps.audit.models import Entry
from liaison.apps.audit.verification import verify_chains
from liaison.apps.blobs import store
from liaison.apps.blobs.store import BlobDamaged
from liaison.apps.exchanges.models import Answer, Note, Recipient, Transmission
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import AdministrativeMessage, Resident, Stay
from liaison.apps.search.queries import search
from liaison.apps.treatments.models import Reconciliation

DELIVERY_SECONDS = 20.0
HEADER = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"


@dataclass
class Outside:
    """What the operator holds, read little by little. ``home`` is the SHA-256 of each message of the home, by UID."""

    trial: Trial
    validity: int = 0
    home: dict[int, str] = field(default_factory=dict)
    identifiers: Counter[str] = field(default_factory=Counter)
    doctor: Counter[str] = field(default_factory=Counter)
    hospital: Counter[str] = field(default_factory=Counter)
    cursors: dict[str, int] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    receipts_twice: set[str] = field(default_factory=set)
    due: frozenset[int] = frozenset()

    def look(self) -> None:
        """Fetch what is new in the three mailboxes."""
        self._look_at_the_home()
        for address, counter in ((doctor_address(self.trial.number), self.doctor), (HOSPITAL, self.hospital)):
            counter.update(_message_id(raw) for _, raw in self._new(address, HEADER))

    def await_letters(self) -> None:
        """Until every letter posted is in the mailbox of the home: a server delivers after it has answered."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while any(not self.identifiers[letter] for letter in self.trial.letters):
            if time.monotonic() > deadline:
                raise TimeoutError("a letter was not delivered")
            self._look_at_the_home()

    def arrived(self) -> frozenset[str]:
        """What the others have now; the messages of the home seen by then must be in the ledger after the next life."""
        self.look()
        self.due = frozenset(self.home)
        return frozenset(self.doctor) | frozenset(self.hospital)

    def _look_at_the_home(self) -> None:
        for uid, raw in self._new(home_address(self.trial.number), b"BODY[]"):
            self.home[uid] = hashlib.sha256(raw).hexdigest()
            self.identifiers[_message_id(raw)] += 1

    def _new(self, address: str, wanted: bytes) -> Iterator[tuple[int, bytes]]:
        client = self.trial.world.servers.reader(address)
        state = client.select_folder("INBOX", readonly=True)
        self.validity = int(state[b"UIDVALIDITY"]) if address == home_address(self.trial.number) else self.validity
        seen = self.cursors.get(address, 0)
        uids = sorted(uid for uid in client.search(["UID", f"{seen + 1}:*"]) if uid > seen)
        yield from _fetched(client, uids, wanted)
        self.cursors[address] = max([seen, *uids])


def _fetched(client: IMAPClient, uids: list[int], wanted: bytes) -> Iterator[tuple[int, bytes]]:
    peek = wanted.replace(b"BODY[", b"BODY.PEEK[")
    for uid, answer in client.fetch(uids, [peek]).items() if uids else []:
        yield uid, answer[wanted]


def _message_id(raw: bytes) -> str:
    return str(BytesHeaderParser().parsebytes(raw)["Message-ID"]).strip()


def broken(outside: Outside) -> list[str]:
    """Every invariant that does not hold, in words; empty when all do."""
    outside.look()
    checks = (_kept, _read_and_filed, _told, _sent, _answered, _journal, _found, _calm, _files)
    return [problem for check in checks for problem in check(outside)]


def late(outside: Outside) -> bool:
    """Whether a message of ours has not reached its mailbox yet."""
    outside.look()
    return any("copies at" in problem for check in (_sent, _answered) for problem in check(outside))


def _kept(outside: Outside) -> Iterator[str]:
    for message_id in outside.trial.letters:
        if outside.identifiers[message_id] != 1:
            yield f"operator: letter {message_id} is there {outside.identifiers[message_id]} times"
    rows = Counter(RawMessage.objects.values_list("uid_validity", "uid"))
    for key in {(outside.validity, uid) for uid in outside.due} - set(rows):
        yield f"I1 message {key} is not in the ledger"
    for key in set(rows) - {(outside.validity, uid) for uid in outside.home}:
        yield f"I1 message {key} is in the ledger alone"
    if any(count > 1 for count in rows.values()):
        yield "I2 a message has two rows"
    for uid, blob in RawMessage.objects.values_list("uid", "blob"):
        if outside.home.get(uid) != blob:
            yield f"I1 message {uid} is not kept byte for byte"


def _read_and_filed(outside: Outside) -> Iterator[str]:
    letters = RawMessage.objects.filter(message_id__in=outside.trial.letters)
    if letters.count() != len(outside.trial.letters):
        yield f"I1 {letters.count()} letters known of {len(outside.trial.letters)}"
    for message in letters.annotate(files=Count("leaves", distinct=True), letters=Count("documents", distinct=True)):
        if message.state != RawMessage.State.READ or message.letters != 1 or message.files != message.leaf_count:
            yield f"I2 message {message.pk}: {message.state}, {message.letters} documents, {message.files} leaves"
    for model in (Filing, Stay, Reconciliation, Transmission):
        of_each: Counter[int] = Counter(model.objects.values_list("document_id", flat=True))
        for document in Document.objects.filter(message__in=letters):
            if of_each[document.pk] != 1:
                yield f"I3 document {document.pk} has {of_each[document.pk]} {model.__name__.lower()}"


def _told(outside: Outside) -> Iterator[str]:
    """What the home's software told: acknowledged, taken once, and the last word stands."""
    software = outside.trial.software
    taken = Counter(
        AdministrativeMessage.objects.filter(verdict=AdministrativeMessage.Verdict.TAKEN).values_list(
            "control_id", flat=True
        )
    )
    for number in software.messages:
        if number not in software.acknowledged or taken[number] != 1:
            said = "" if number in software.acknowledged else "not "
            yield f"I4 message {number} of the home's software is {said}acknowledged, taken {taken[number]} times"
    if Resident.objects.get().room != software.room:
        yield "I4 the resident is not where the home's software last said"


def _sent(outside: Outside) -> Iterator[str]:
    in_doubt = _shown_in_doubt("recipient_in_doubt")
    for recipient in Recipient.objects.all():
        copies = outside.doctor[recipient.message_id]
        if recipient.state not in {Recipient.State.SENT, Recipient.State.DELIVERED} or copies < 1:
            yield f"I5 transmission {recipient.pk}: {recipient.state}, {copies} copies at the doctor's"
        if copies > 1:
            outside.twice.add(recipient.message_id)
            if recipient.message_id not in in_doubt:
                yield f"I5 transmission {recipient.pk} arrived {copies} times and no doubt was shown"
    unknown = set(outside.doctor) - set(Recipient.objects.values_list("message_id", flat=True))
    if unknown:
        yield f"I5 the doctor has {len(unknown)} messages nobody knows of"


def _answered(outside: Outside) -> Iterator[str]:
    receipts = Answer.objects.filter(kind=Answer.Kind.PROCESSED)
    in_doubt = _shown_in_doubt("answer_in_doubt")
    if receipts.count() != Filing.objects.count():
        yield f"I6 {receipts.count()} receipts for {Filing.objects.count()} filings"
    for answer in receipts:
        copies = outside.hospital[answer.message_id]
        if answer.state != Answer.State.SENT or copies < 1:
            yield f"I6 receipt {answer.pk}: {answer.state}, {copies} copies at the hospital's"
        if copies > 1:
            outside.receipts_twice.add(answer.message_id)
            if answer.message_id not in in_doubt:
                yield f"I6 receipt {answer.pk} arrived {copies} times and no doubt was shown"


def _shown_in_doubt(action: str) -> set[str]:
    """The Message-IDs of ours that a person was shown « à vérifier »."""
    return set(Entry.objects.filter(action=action).values_list("details__message_id", flat=True))


def _journal(outside: Outside) -> Iterator[str]:
    for name, report in verify_chains().items():
        if not report.sound:
            yield f"I7 the chain {name} is broken"
    once = {
        "message_received": RawMessage.objects.count(),
        "message_read": RawMessage.objects.count(),
        "document_filed": Filing.objects.count(),
        "transmission_prepared": Transmission.objects.count(),
    }
    told = Counter(Entry.objects.filter(action__in=once).values_list("action", flat=True))
    for action, count in once.items():
        if told[action] != count:
            yield f"I7 {told[action]} entries {action} for {count}"
    del outside


def _found(outside: Outside) -> Iterator[str]:
    secretary = User.objects.get()
    for message_id, word in list(outside.trial.letters.items())[-3:]:
        if len(search(secretary, f"{word} ").documents) != 1:
            yield f"I8 letter {message_id} is not found by its word"


def _calm(outside: Outside) -> Iterator[str]:
    del outside
    for state, task, count in jobs_left():
        yield f"I9 {count} jobs {task} are {state}"
    failing = Mailbox.objects.filter(failing_since__isnull=False).count()
    if failing:
        yield "I9 the mailbox still fails"


def jobs_left() -> list[tuple[Any, ...]]:
    """State, name and number of the jobs that are not ended."""
    return _rows(
        "SELECT status, task_name, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY 1, 2"
    )


def _files(outside: Outside) -> Iterator[str]:
    del outside
    tables: list[Any] = [RawMessage, Recipient, Answer, Note, AdministrativeMessage]
    for name in {blob for rows in tables for blob in rows.objects.values_list("blob", flat=True)}:
        try:
            store.get(name)
        except (OSError, BlobDamaged) as error:
            yield f"I10 a row has no file: {type(error).__name__}"


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
