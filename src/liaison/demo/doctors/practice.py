"""One doctor at his mailbox: reads what came, sends the read receipt, and answers after a while."""

import imaplib
import logging
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from liaison.core.mail.message import read_mail
from liaison.core.mail.report_writing import compose_mdn
from liaison.core.mail.reports import may_answer
from liaison.core.mail.values import Address, Mail
from liaison.demo.doctors.clicking import CODE_SUBJECT, COPY_SUBJECT, answer_by_page, link_in
from liaison.demo.doctors.desk import Desk, Letter
from liaison.demo.doctors.programs import answer_id, compose_reply
from liaison.demo.doctors.words import first_answer, second_answer
from liaison.demo.post import MailAccount, submit, submit_notification
from liaison.demo.world.dice import Dice
from liaison.demo.world.values import Doctor

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
IDLE_TURN, IDLE_AT_MOST = 1.0, 15.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
CODE_TURNS, CODE_TURN = 60, 0.5
LATE = 6
UNREACHABLE = (IMAPClientError, imaplib.IMAP4.error, smtplib.SMTPException, OSError)


class Practice:
    """A doctor, his mailbox, his memory. ``homes`` are the addresses he answers; ``answer_after`` is in seconds."""

    def __init__(
        self,
        doctor: Doctor,
        account: MailAccount,
        desk: Desk,
        *,
        homes: frozenset[str],
        answer_after: float,
        clock: Callable[[], datetime],
    ) -> None:
        self.doctor = doctor
        self._account = account
        self._desk = desk
        self._homes = homes
        self._answer_after = timedelta(seconds=answer_after)
        self._clock = clock

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop; a server that cannot be reached is tried again, each time a little later."""
        wait = FIRST_WAIT
        while not stopping.is_set():
            try:
                with self._open() as client:
                    while not stopping.is_set():
                        self._work(client)
                        wait = FIRST_WAIT
                        self._idle(client, stopping)
            except UNREACHABLE as error:
                log.warning("doctor %s: mail server unreachable (%s)", self.doctor.rpps, type(error).__name__)
                stopping.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def work_once(self) -> None:
        """Read what came and send what is due, on a connection of its own."""
        with self._open() as client:
            self._work(client)

    def _work(self, client: IMAPClient) -> None:
        """A message that comes during a command is told in its answer, never again: read until nothing is new."""
        while self._read_new(client):
            pass
        for letter in self._desk.due(self._clock()):
            if letter.link:
                self._click(client, letter)
            else:
                self._send(letter)

    def _read_new(self, client: IMAPClient) -> int:
        """Read what is above the cursor; how many messages that was."""
        count = 0
        for uid, raw in self._new_messages(client):
            mail = read_mail(raw)
            self._desk.note_read(uid, mail.message_id, self._letters_for(mail, raw))
            client.add_flags([uid], [rb"\Seen"])
            count += 1
        return count

    def _new_messages(self, client: IMAPClient) -> Iterator[tuple[int, bytes]]:
        """``n:*`` gives the last message even below n (RFC 9051 §6.4.4.4): left out here."""
        first = self._desk.last_uid + 1
        for uid in sorted(client.search(["UID", f"{first}:*"])):
            content = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}) if uid >= first else {}
            if b"BODY[]" in content:
                yield uid, content[b"BODY[]"]

    def _letters_for(self, mail: Mail, raw: bytes) -> tuple[Letter, ...]:
        """What a message makes the doctor send: the receipt it asks for, and his answer, if he gives any."""
        if mail.category in ("report", "automatic") or mail.message_id in self._desk.read:
            return ()
        if CODE_SUBJECT.match(mail.subject) or COPY_SUBJECT.match(mail.subject):
            return ()
        return (*self._receipt(mail, raw), *self._answer(mail))

    def _receipt(self, mail: Mail, raw: bytes) -> Iterator[Letter]:
        """He opens it half-way to his answer (displayed, RFC 8098 §3.2.6.2)."""
        if not (mail.requests_mdn and may_answer(mail)):
            return
        due = self._clock() + self._answer_after / 2
        receipt = compose_mdn(
            mail,
            original_raw=raw,
            mailbox=Address(self.doctor.address, self.doctor.name),
            message_id=answer_id(f"{mail.message_id}/displayed", self.doctor.address),
            date=due,
            disposition="displayed",
            automatic=False,
        )
        yield Letter(mail.disposition_notification_to, due, receipt, notification=True)

    def _answer(self, mail: Mail) -> Iterator[Letter]:
        if mail.sender.email.lower() not in self._homes:
            return
        due = self._clock() + self._answer_after * (LATE if self.doctor.behaviour == "late" else 1)
        link = link_in(mail.body) if self.doctor.behaviour == "clicks" else ""
        if link:
            yield Letter(mail.sender.email, due, b"", link=link)
            return
        words = self._words(mail)
        if words:
            recipient = (mail.reply_to or (mail.sender,))[0].email
            yield Letter(recipient, due, compose_reply(self.doctor, mail, words, date=due))

    def _words(self, mail: Mail) -> str:
        dice = Dice(self.doctor.rpps, mail.message_id)
        own = {answer_id(message_id, self.doctor.address) for message_id in self._desk.read}
        if mail.in_reply_to in own or own.intersection(mail.references):
            return second_answer(self.doctor.behaviour, dice)
        return first_answer(self.doctor.behaviour, mail.body, dice)

    def _click(self, client: IMAPClient, letter: Letter) -> None:
        """Answer on the page of the home. One try: a page that does not take it is told in the log."""
        taken = answer_by_page(letter.link, lambda: self._read_code(client), Dice(self.doctor.rpps, letter.link))
        if not taken:
            log.warning("doctor %s: the answering page took nothing", self.doctor.rpps)
        self._desk.sent(letter)

    def _read_code(self, client: IMAPClient) -> str:
        """The code that comes into his mailbox, waited for half a minute; other mail is read on the way."""
        for _ in range(CODE_TURNS):
            client.noop()
            for uid, raw in self._new_messages(client):
                mail = read_mail(raw)
                self._desk.note_read(uid, mail.message_id, self._letters_for(mail, raw))
                client.add_flags([uid], [rb"\Seen"])
                found = CODE_SUBJECT.match(mail.subject)
                if found and mail.sender.email.lower() in self._homes:
                    return found[1]
            time.sleep(CODE_TURN)
        return ""

    def _send(self, letter: Letter) -> None:
        try:
            if letter.notification:
                submit_notification(letter.raw, self._account, letter.recipient)
            else:
                submit(letter.raw, self._account, [letter.recipient])
        except smtplib.SMTPRecipientsRefused:
            log.warning("doctor %s: recipient refused, message given up", self.doctor.rpps)
        self._desk.sent(letter)

    def _idle(self, client: IMAPClient, stopping: threading.Event) -> None:
        """Wait for the server to speak (RFC 2177), for the next letter to be due, or to be told to stop.

        Not for long: what was told in the answer of a command before is not told again here.
        """
        ends = self._clock() + timedelta(seconds=IDLE_AT_MOST)
        due = self._desk.next_due()
        client.idle()
        while not stopping.is_set():
            left = (min(ends, due or ends) - self._clock()).total_seconds()
            if left <= 0 or client.idle_check(timeout=min(left, IDLE_TURN)):
                break
        client.idle_done()

    @contextmanager
    def _open(self) -> Iterator[IMAPClient]:
        timeout = SocketTimeout(CONNECT_SECONDS, READ_SECONDS)
        client = IMAPClient(self._account.host, self._account.imap_port, ssl=False, timeout=timeout)
        try:
            client.starttls(self._account.tls())
            client.login(self._account.address, self._account.password)
            self._desk.open_folder(int(client.select_folder("INBOX")[b"UIDVALIDITY"]))
            yield client
        finally:
            with suppress(*UNREACHABLE):
                client.logout()


def desk_of(folder: Path, doctor: Doctor) -> Desk:
    """The doctor's memory, kept under his RPPS."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Desk(folder / f"{doctor.rpps}.json")
