"""Law 5: a patient whose every trait is unmistakable goes through everything, failures included, and no log tells."""

import logging
import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk, returned_to
from tests.support.letters import NOW, SENDER, discharge_letter, drug, package, patient_of
from tests.support.replies import mdn_about, reply_to
from tests.web.conftest import visitor

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Recipient, Reply
from liaison.apps.filing.setting_aside import do_set_aside
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.smtp import SendingInDoubt, SendingRefused
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.models import Reconciliation
from liaison.cli.processes import run_jobs
from liaison.config.logs import DiscreetFormatter
from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Attachment, OutgoingMail

pytestmark = pytest.mark.django_db(transaction=True)

FAMILY, GIVEN, BORN = "CANARINOVSKI", "MELUSINETTE", "1931-10-29"
DRUG, WORDS = "CANARIMYCINE 7 mg", "canariphrase"
CANARY = re.compile(r"canari|melusinette|1931-10-29|29/10/1931|19311029", re.IGNORECASE)


class Ear(logging.Handler):
    """Hears every record, as it is and as the product would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.loggers: set[str] = set()
        self.errors: set[str] = set()
        self.setFormatter(DiscreetFormatter("{levelname} {name} {message}", style="{"))

    def emit(self, record: logging.LogRecord) -> None:
        said = {name: value for name, value in record.__dict__.items() if name not in {"exc_info", "exc_text"}}
        self.lines += [self.format(record), repr(said)]
        self.loggers.add(record.name.split(".")[0])
        if record.exc_info and record.exc_info[0]:
            self.errors.add(record.exc_info[0].__name__)


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Everything at INFO, ours at DEBUG, whatever the product's settings silence."""
    own, root = Ear(), logging.getLogger()
    named = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    levels = {logger: logger.level for logger in (root, *named)}
    for logger in levels:
        logger.setLevel(logging.INFO)
    logging.getLogger("liaison").setLevel(logging.DEBUG)
    root.addHandler(own)
    try:
        yield own
    finally:
        root.removeHandler(own)
        for logger, level in levels.items():
            logger.setLevel(level)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    own = make_desk()
    traits = {"birth_family": FAMILY, "birth_given": GIVEN, "given_names": GIVEN, "birth_date": BORN}
    own.resident = factories.make_resident(own.site, gp=own.gp, **traits)
    factories.take(own.resident, DRUG, dose="3 canaris")
    return own


def letter_about(resident: Resident) -> bytes:
    patient = patient_of(resident)
    archive = package(discharge_letter(patient, at_discharge=(drug(DRUG, reason=WORDS), drug("CANARIPRIL 1 mg"))))
    mail = OutgoingMail(
        message_id="<lettre@hopital.mssante.fr>",
        sender=SENDER,
        to=(Address("bal@maison.mssante.fr"),),
        subject=f"XDM/1.0/DDM+Lettre {FAMILY} {GIVEN} 29/10/1931",
        body=f"{WORDS} au sujet de {FAMILY}",
        date=NOW,
        attachments=(
            Attachment("IHE_XDM.zip", "application/zip", archive),
            Attachment(f"{FAMILY}_{GIVEN}.pdf", "application/pdf", b"%PDF-1.4 canari abime"),
            Attachment(f"{FAMILY}.zip", "application/zip", b"PK\x03\x04 canari abime"),
            Attachment(f"{FAMILY}.xml", "text/xml", b"<ClinicalDocument><canari"),
        ),
        disposition_notification_to=SENDER.email,
    )
    return returned_to(SENDER.email, compose(mail))


def work() -> None:
    """Let the real worker do all that waits."""
    run_jobs(concurrency=1, wait=False)


def the_whole_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Received, read, proposed, filed, sent, answered and decided, by the jobs and by people."""
    monkeypatch.setattr("liaison.apps.mailboxes.smtp.send", lambda *_args, **_kwargs: f"250 pour {FAMILY}")
    factories.receive(desk.mailbox, letter_about(desk.resident))
    work()
    document = Document.objects.get(document_id__gt="")
    assert document.proposal.resident == desk.resident
    desk.file(document)
    sent = do_send(document, user=desk.secretary, mailbox=desk.mailbox, professionals=[desk.gp], note=WORDS)
    work()
    recipient = sent.recipients.get()
    assert recipient.state == Recipient.State.SENT
    factories.receive(desk.mailbox, mdn_about(recipient))
    words = f"D'accord pour tout, {WORDS}. {FAMILY}"
    factories.receive(
        desk.mailbox, reply_to(recipient, words, subject=f"RE: {FAMILY}", in_reply_to=recipient.message_id)
    )
    work()
    choices = [Choice(1, "accept"), Choice(2, "change", dose="1 canari", reason=WORDS)]
    do_decide_lines(Reconciliation.objects.get(), user=desk.doctor, choices=choices, on_answer=Reply.objects.get())


def breaking(error: Exception) -> Callable[..., None]:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise error

    return broken


def the_failures(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step breaks with the patient's name in the words of the error."""
    for error in (SendingRefused(f"550 {FAMILY}"), SendingInDoubt(FAMILY), RuntimeError(f"{FAMILY} {GIVEN}")):
        monkeypatch.setattr("liaison.apps.mailboxes.smtp.send", breaking(error))
        document = Document.objects.filter(state=Document.State.FILED).get()
        do_send(document, user=desk.secretary, mailbox=desk.mailbox, professionals=[desk.gp])
        work()
    with monkeypatch.context() as broken:
        broken.setattr("liaison.apps.filing.proposals.decide", breaking(ValueError(f"{FAMILY} {BORN}")))
        factories.receive(desk.mailbox, letter_about(desk.resident))
        work()
    with monkeypatch.context() as broken:
        broken.setattr("liaison.apps.intake.pipeline.read_message", breaking(ValueError(f"{FAMILY} {BORN}")))
        factories.receive(desk.mailbox, letter_about(desk.resident))
        work()
    assert RawMessage.objects.filter(state=RawMessage.State.FAILED).count() == 1
    aside = Document.objects.exclude(state=Document.State.FILED).order_by("-pk").first()
    assert aside
    do_set_aside(aside, user=desk.secretary, reason=f"{FAMILY} n'est pas ici")


def pages(desk: Desk) -> list[str]:
    """The screens that show the patient."""
    recipient = Recipient.objects.exclude(replies=None).get()
    document, message = recipient.transmission.document, recipient.transmission.document.message
    named = [
        reverse("inbox"),
        reverse("residents"),
        reverse("follow-up"),
        reverse("message", args=[message.uuid]),
        reverse("document", args=[document.uuid]),
        reverse("send", args=[document.uuid]),
        reverse("resident", args=[desk.resident.uuid]),
        reverse("journal", args=[desk.resident.uuid]),
        reverse("transmission", args=[recipient.transmission.uuid]),
        reverse("reconciliation", args=[Reconciliation.objects.get(state="decided").uuid]),
    ]
    doctor = visitor(desk.doctor)
    return [*named, *(doctor.get(address).content.decode() for address in named)]


def test_no_log_no_job_no_journal_and_no_address_tells_who_the_patient_is(
    desk: Desk, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_whole_way(desk, monkeypatch)
    the_failures(desk, monkeypatch)
    shown = pages(desk)
    assert sum(FAMILY in page for page in shown) >= 6, "the canary must be there to be seen"
    assert {"liaison", "procrastinate"} <= ear.loggers
    assert {"RuntimeError", "ValueError"} <= ear.errors
    assert told_by(ear.lines) == []
    assert told_by(jobs()) == []
    assert told_by(repr(entry) for entry in Entry.objects.values()) == []
    assert told_by(addresses(shown)) == []


def told_by(texts: Iterator[str] | list[str]) -> list[str]:
    ins = Resident.objects.get(birth_family=FAMILY).ins
    return [text for text in texts if CANARY.search(text) or ins in text]


def jobs() -> list[str]:
    assert ProcrastinateJob.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_jobs::text FROM procrastinate_jobs")
        return [text for (text,) in cursor.fetchall()]


def addresses(shown: list[str]) -> list[str]:
    attributes = re.compile(r'\b(?:href|src|action|formaction|hx-\w+)="([^"]*)"')
    found = [address for page in shown for address in attributes.findall(page)]
    assert len(found) > 50
    return found


def test_an_error_page_says_nothing_of_the_error(desk: Desk, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liaison.web.record.resident_views.render", breaking(ValueError(FAMILY)))
    browser = visitor(desk.secretary)
    browser.raise_request_exception = False
    response = browser.get(reverse("resident", args=[desk.resident.uuid]))
    assert response.status_code == 500
    assert told_by([response.content.decode()]) == []
    assert "ValueError" in ear.errors
    assert told_by(ear.lines) == []


def test_the_product_writes_its_log_with_the_discreet_formatter() -> None:
    formatters = [
        handler.formatter for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler
    ]
    assert [type(formatter) for formatter in formatters] == [DiscreetFormatter]


def test_the_log_tells_the_kind_and_the_place_of_an_error_and_of_its_cause(ear: Ear) -> None:
    error = RuntimeError(GIVEN)
    error.__cause__ = ValueError(FAMILY)
    try:
        breaking(error)()
    except RuntimeError:
        logging.getLogger("liaison.essai").exception("job 7")
    told = next(line for line in ear.lines if "job 7" in line)
    assert "RuntimeError\n" in told
    assert "\nValueError" in told
    assert f"{__file__}:" in told
    assert not CANARY.search(told)
