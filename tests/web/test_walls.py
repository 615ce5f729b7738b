"""Every address that names something is closed to the user of another site, and every screen to nobody signed in."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import UUIDConverter
from django.utils import timezone

from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer, Note, Recipient, Transmission
from liaison.apps.exchanges.printed import prepare_letter
from liaison.apps.filing.models import ProposedFact
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.operations.incidents import do_raise_incident
from liaison.apps.operations.models import Incident
from liaison.apps.organisations.models import Role
from liaison.apps.residents.merging import do_merge_residents
from liaison.apps.residents.models import Absence, Opposition, ResidentMerge, Source
from liaison.apps.residents.oppositions import do_record_opposition
from liaison.apps.residents.stays import do_leave_for_hospital
from liaison.apps.treatments.models import DecisionReport, Reconciliation, Rereading
from tests.support import factories
from tests.support.doubts import doubtful_note
from tests.web.conftest import House, Visitor, make_house, visitor

PUBLIC = {"answer", "answer-code", "answer-open", "answer-letter-page", "answer-letter-pdf"} | {
    "sign-in",
    "sign-out",
    "healthz",
    "metrics",
    "answer-identify",
    "identity-sign-in",
    "identity-return",
    "identity-failed",
}
POSTED = {
    "care-team-add",
    "care-team-declare",
    "care-team-remove",
    "opposition",
    "opposition-lift",
    "recipient-settle",
    "recipient-call",
    "recipient-elsewhere",
    "recipient-letter",
    "recipient-posted",
    "message-read-again",
    "message-handled",
    "message-reopen",
    "document-search",
    "document-file",
    "document-set-aside",
    "document-unfile",
    "cancellation-accept",
    "cancellation-refuse",
    "document-ask",
    "document-send-back",
    "document-take-up",
    "document-tell",
    "message-acknowledge",
    "answer-confirm",
    "answer-drop",
    "answer-arrived",
    "answer-again",
    "note-arrived",
    "note-again",
    "allergy-confirm",
    "allergy-refuse",
    "fact-confirm",
    "fact-dismiss",
    "task-complete",
    "task-reopen",
    "task-put-off",
    "resident-leave",
    "absence-announce",
    "absence-end",
    "absence-withdraw",
    "absence-settle",
    "absence-wait",
    "absence-ask",
    "resident-merge-confirm",
    "merge-undo",
    "send-search",
    "recipient-resend",
    "recipient-delivered",
    "reply-handled",
    "recipient-spoken",
    "recipient-links-withdraw",
    "message-attach",
    "care-acknowledge",
    "treatment-stop",
    "document-take-reading",
    "document-keep-reading",
    "reconciliation-compare-again",
    "reconciliation-pharmacy",
    "send-sheet",
    "document-hand-over",
    "reconciliation-prepare",
    "close-incident",
    "ask-self-check",
    "set-purge",
}
NO_ROW = 2**31 - 1
OF_THE_MACHINERY = {"close-incident", "ask-self-check", "set-purge"}
"""What an administrator looks after: it holds no health data."""


OF_MESSAGE = (
    "message",
    "message-original",
    "message-read-again",
    "message-handled",
    "message-reopen",
    "message-acknowledge",
    "message-attach",
)
OF_DOCUMENT = (
    "document",
    "document-search",
    "document-pdf",
    "document-file",
    "document-set-aside",
    "document-unfile",
    "cancellation-accept",
    "cancellation-refuse",
    "document-ask",
    "document-send-back",
    "document-take-up",
    "document-tell",
    "send",
    "send-search",
    "send-sheet",
    "thread",
    "document-hand-over",
)


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def named() -> dict[str, URLPattern]:
    return {str(pattern.name): pattern for pattern in patterns()}


def addresses(house: House) -> dict[str, list[object]]:
    """The arguments of each address that names something, all of them real things of one house."""
    reply = house.answered_letter()
    transmission = reply.recipient.transmission
    document, message = transmission.document, transmission.document.message
    return {
        **{name: [message.uuid] for name in OF_MESSAGE},
        **{name: [document.uuid] for name in OF_DOCUMENT},
        "leaf": [message.uuid, 0],
        "document-page": [document.uuid, 1],
        "resident": [house.resident.uuid],
        "resident-identity": [house.resident.uuid],
        "close-incident": [do_raise_incident(Incident.Kind.QUEUE_STUCK, site=house.site).uuid],
        **{name: [house.mailbox.uuid] for name in ("ask-self-check", "set-purge")},
        "journal": [house.resident.uuid],
        **{name: [house.resident.uuid] for name in ("treatment", "treatment-write")},
        **{name: [house.resident.uuid, house.resident.treatment_lines.first().uuid] for name in OF_A_LINE},
        **{name: [document.uuid, rereading_of(document).pk] for name in OF_A_READING},
        "treatment-take-up": [house.resident.uuid, document.uuid],
        "resident-merge": [house.resident.uuid],
        "resident-merge-confirm": [house.resident.uuid],
        "merge-undo": [house.resident.uuid, merge_of(house).pk],
        "allergy-confirm": [house.resident.uuid, house.resident.allergies.get().pk],
        "allergy-refuse": [house.resident.uuid, house.resident.allergies.get().pk],
        **{name: [document.uuid, fact_of(document).pk] for name in ("fact-confirm", "fact-dismiss")},
        **{name: [house.resident.follow_up_tasks.first().pk] for name in ("task-complete", "task-reopen")},
        "task-put-off": [house.resident.follow_up_tasks.first().pk],
        "resident-leave": [house.resident.uuid],
        **{name: [absence_of(house).pk] for name in ABSENCE},
        **{name: [answer_of(message).pk] for name in OF_ANSWER},
        **{name: [note_of(house, reply.recipient).uuid] for name in ("note-arrived", "note-again")},
        **{name: [house.resident.uuid] for name in OF_CARE_TEAM},
        "care-team-remove": [house.resident.uuid, house.resident.care_team.get().pk],
        "opposition-lift": [house.resident.uuid, opposition_of(house).pk],
        **{name: [letter_of(house, transmission).uuid] for name in OF_RECIPIENT},
        "recipient-elsewhere": [reply.recipient.uuid],
        "transmission": [transmission.uuid],
        "recipient-resend": [reply.recipient.uuid],
        "recipient-delivered": [reply.recipient.uuid],
        "reply-handled": [reply.uuid],
        "recipient-spoken": [reply.recipient.uuid],
        "recipient-links-withdraw": [reply.recipient.uuid],
        "care-acknowledge": [house.resident.uuid],
        **{name: [reported(transmission.reconciliation).uuid] for name in OF_RECONCILIATION},
    }


def fact_of(document: Document) -> ProposedFact:
    return ProposedFact.objects.get_or_create(document=document, kind="problem", excerpt="Diabète")[0]


OF_A_READING = ("document-take-reading", "document-keep-reading")


def rereading_of(document: Document) -> Rereading:
    found, _ = Rereading.objects.get_or_create(
        document=document,
        reader_version="essai",
        defaults={"read_at": timezone.now(), "state": Rereading.State.PROPOSED},
    )
    return found


OF_A_LINE = ("treatment-correct", "treatment-stop")
ABSENCE = (
    "absence-hospital",
    "absence-announce",
    "absence-end",
    "absence-withdraw",
    "absence-settle",
    "absence-wait",
    "absence-ask",
)


def absence_of(house: House) -> Absence:
    return do_leave_for_hospital(house.resident, source=Source.HL7, at=timezone.now())


OF_ANSWER = ("answer-confirm", "answer-drop", "answer-arrived", "answer-again")


def note_of(house: House, recipient: Recipient) -> Note:
    known = Note.objects.filter(recipient=recipient).first()
    return known or doubtful_note(house.site, house.mailbox, house.resident, recipient)


def answer_of(message: RawMessage) -> Answer:
    """A receipt that waits for a person."""
    found, _ = Answer.objects.get_or_create(
        original=message,
        kind=Answer.Kind.DISPLAYED,
        defaults={
            "state": Answer.State.HELD,
            "message_id": f"<{message.uuid}@maison.mssante.fr>",
            "address": "service@hopital.mssante.fr",
            "asked_at": timezone.now(),
        },
    )
    return found


OF_CARE_TEAM = ("care-team", "care-team-add", "care-team-declare", "opposition")
OF_RECIPIENT = (
    "recipient-settle",
    "recipient-call",
    "recipient-letter",
    "recipient-letter-pdf",
    "recipient-posted",
)
OF_THE_DIRECTORY = {
    "professional",
    "absence-record",
    "absence-cancel",
    "address-confirm",
    "address-prefer",
}
"""The directory names professionals, not residents: it is common to every site."""


OF_RECONCILIATION = (
    "reconciliation",
    "reconciliation-report",
    "reconciliation-prepare",
    "reconciliation-compare-again",
    "reconciliation-pharmacy",
)


def reported(taken: Reconciliation | None) -> Reconciliation:
    """With the report of its decisions."""
    assert taken
    if not DecisionReport.objects.filter(reconciliation=taken).exists():
        DecisionReport.objects.create(reconciliation=taken, blob=store.put(b"%PDF-1.4"), made_at=timezone.now())
    return taken


def opposition_of(house: House) -> Opposition:
    return do_record_opposition(
        house.resident, scope=Opposition.Scope.PATIENT, stated_by="la résidente", user=house.nurse
    )


def letter_of(house: House, transmission: Transmission) -> Recipient:
    """The same document on paper, as if the GP had no mailbox."""
    known = Recipient.objects.filter(channel=Recipient.Channel.LETTER).first()
    return known or prepare_letter(transmission, house.gp)


def merge_of(house: House) -> ResidentMerge:
    """A second record of the resident, merged into the first."""
    twin = factories.make_resident(house.site, birth_given="SUZANE", ins="", ins_status="PROV")
    return do_merge_residents(survivor=house.resident, absorbed=twin, source=Source.HL7, reason="essai")


def visit(browser: Visitor, name: str, arguments: list[object], **data: str) -> int:
    address = reverse(name, args=arguments)
    return (browser.post(address, data) if name in POSTED else browser.get(address)).status_code


def test_the_user_of_another_site_gets_404_everywhere(house: House) -> None:
    asked = addresses(house)
    elsewhere = make_house()
    strangers = [visitor(elsewhere.secretary), visitor(elsewhere.doctor)]
    data = {"resident": str(house.resident.uuid), "motif": "essai", "texte": "lef"}
    seen = {
        (name, index): visit(stranger, name, arguments, **data)
        for name, arguments in asked.items()
        for index, stranger in enumerate(strangers)
    }
    assert {key: status for key, status in seen.items() if status != 404} == {}


def test_the_same_addresses_open_to_the_people_of_the_site(house: House) -> None:
    """The wall above is worth something only if these addresses are real."""
    asked = addresses(house)
    browser = visitor(house.secretary)
    data = {"resident": str(house.resident.uuid), "texte": "lef"}
    without_pdf = {"document-pdf", "document-page"}
    seen = {name: visit(browser, name, arguments, **data) for name, arguments in asked.items()}
    assert {name: status for name, status in seen.items() if status == 404} == dict.fromkeys(without_pdf, 404)


def test_every_address_with_a_uuid_has_its_case(house: House) -> None:
    with_uuid = {name for name, pattern in named().items() if "uuid" in str(pattern.pattern)} - OF_THE_DIRECTORY
    assert with_uuid <= set(addresses(house))


def test_what_does_not_exist_answers_as_what_is_closed(house: House) -> None:
    browser = visitor(house.secretary)
    for name, arguments in addresses(house).items():
        assert visit(browser, name, nothing_like(arguments)) == 404, name


@pytest.mark.django_db
def test_nobody_signed_in_is_sent_to_the_sign_in_page() -> None:
    for name, pattern in named().items():
        if name in PUBLIC or not name:
            continue
        arguments = [uuid4() if kind == "uuid" else 1 for kind in kinds(pattern)]
        response = Visitor().get(reverse(name, args=arguments))
        assert (response.status_code, response.headers["Location"].split("?")[0]) == (302, "/connexion/"), name


def nothing_like(arguments: list[object]) -> list[object]:
    """Arguments of the same kinds that name nothing."""
    other = [uuid4() if isinstance(each, UUID) else each for each in arguments]
    return other if other != arguments else [NO_ROW]


def kinds(pattern: URLPattern) -> list[str]:
    converters = pattern.pattern.converters.values()
    return ["uuid" if isinstance(converter, UUIDConverter) else "int" for converter in converters]


def test_a_colleague_who_does_not_hold_the_mailbox_sees_no_message_until_it_is_filed(house: House) -> None:
    document = house.letter()
    colleague = visitor(factories.make_user(house.site))
    assert str(document.uuid) not in colleague.get("/").content.decode()
    assert colleague.get(reverse("document", args=[document.uuid])).status_code == 404


def test_a_nurse_reads_the_filed_document_but_never_its_message(house: House, nurse: Visitor) -> None:
    document = house.filed_letter()
    assert nurse.get(reverse("document", args=[document.uuid])).status_code == 200
    assert nurse.get(reverse("message", args=[document.message.uuid])).status_code == 404


def test_an_administrator_reads_no_health_data(house: House) -> None:
    asked = addresses(house)
    administrator = factories.make_user(house.site, Role.ADMINISTRATOR)
    house.mailbox.holders.add(administrator)
    browser = visitor(administrator)
    opened = {name for name, arguments in asked.items() if visit(browser, name, arguments) != 404}
    assert opened == OF_THE_MACHINERY


def test_lists_show_only_my_sites(house: House) -> None:
    addresses(house)
    stranger = visitor(make_house().secretary)
    for name in ("inbox", "residents", "follow-up"):
        page = stranger.get(reverse(name)).content.decode()
        assert str(house.resident.uuid) not in page
        assert house.gp.family not in page
    found = stranger.post(reverse("residents"), {"texte": house.resident.room}).content.decode()
    assert str(house.resident.uuid) not in found
    assert Recipient.objects.exists()
