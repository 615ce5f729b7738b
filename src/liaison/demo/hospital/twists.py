"""What happens after, or beside, an ordinary sending: the same letter again, a newer one, a cancellation, a mix-up.

Each twist is told in one sending or in two, one step after the other. Documents keep their identifiers whenever a step
is composed, so that the second knows the first.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_OID, NAMESPACE_URL, uuid5

from liaison.core.cda.values import DischargeLetter
from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.media import PDF, ZIP
from liaison.core.pdf.letter import Letter, LetterSection, write_letter
from liaison.core.people import Identifier
from liaison.core.xdm.values import RequestedAction
from liaison.demo.hospital.documents import SignedDocument, sign_letter
from liaison.demo.hospital.sending import (
    PACKAGE_NAME,
    Sending,
    home_mailbox,
    mail_sending,
    package,
    readable,
    sender_of,
)
from liaison.demo.letters import discharge_letter_for
from liaison.demo.pki import Authority
from liaison.demo.stays import stay_of
from liaison.demo.world import World
from liaison.demo.world.values import Resident

Twist = Literal[
    "copied", "corrected", "overtaken", "cancelled", "orphan", "usurped", "two_patients", "not_medical", "lacking"
]
STEPS: dict[Twist, int] = {
    "copied": 2,
    "corrected": 2,
    "overtaken": 2,
    "cancelled": 2,
    "orphan": 1,
    "usurped": 2,
    "two_patients": 1,
    "not_medical": 1,
    "lacking": 1,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when a twist is played. ``beside`` is the other patient of a mix-up.

    ``day`` is when its first step was: the documents are dated from it, so that two copies are the same bytes.
    """

    world: World
    resident: Resident
    beside: Resident
    day: datetime
    now: datetime
    authority: Authority

    @property
    def recipient(self) -> str:
        return home_mailbox(self.world, self.resident)


def compose_twist(setting: Setting, *, twist: Twist, step: int) -> Sending:
    """One step of a twist, from 0 to ``STEPS[twist] - 1``."""
    return _MAKERS[twist](setting, step)


def _copied(setting: Setting, step: int) -> Sending:
    """The hospital's software sends the same document again, in another message."""
    return _sent(setting, _version(setting, "copied", 1), times="" if step == 0 else "/again")


def _corrected(setting: Setting, step: int) -> Sending:
    """A week after nobody remembers the first version: the second says what changed."""
    return _sent(setting, _version(setting, "corrected", step + 1))


def _overtaken(setting: Setting, step: int) -> Sending:
    """The first version was held up on its way and comes after the second."""
    return _sent(setting, _version(setting, "overtaken", 2 - step))


def _cancelled(setting: Setting, step: int) -> Sending:
    """Written for another patient of the ward: the hospital asks to take it back."""
    document = _version(setting, "cancelled", 1)
    return _sent(setting, document, action="create" if step == 0 else "cancel", times="" if step == 0 else "/cancel")


def _orphan(setting: Setting, _step: int) -> Sending:
    """A replacement of a document the home never received (900)."""
    return _sent(setting, _version(setting, "orphan", 2), action="replace")


def _usurped(setting: Setting, step: int) -> Sending:
    """Another establishment replaces a letter that is not its own (901)."""
    document = _version(setting, "usurped", step + 1, by_another=step == 1)
    return _sent(setting, document)


def _two_patients(setting: Setting, _step: int) -> Sending:
    """One archive, under one patient's metadata, and the letters of two."""
    document = _version(setting, "two_patients", 1)
    other = _version(replace(setting, resident=setting.beside), "two_patients", 1)
    mixed = (replace(other.read, patient=document.read.patient), other.cda)
    archive = package(document, document.cda, setting.now, others=(mixed,))
    attachments = (Attachment(PACKAGE_NAME, ZIP, archive),)
    return mail_sending(document, setting.recipient, setting.now, attachments)


def _lacking(setting: Setting, _step: int) -> Sending:
    """A letter that says nothing of several things the decree asks for."""
    letter = _letter(setting, "lacking", 1)
    bare = tuple(replace(line, frequency="", dose="", narrative="") for line in letter.at_discharge)
    poor = replace(letter, expected_results=(), follow_up=(), allergies=(), at_discharge=bare, stopped=())
    return _sent(setting, _signed(setting, poor))


def _not_medical(setting: Setting, _step: int) -> Sending:
    """An invitation: a PDF, and nothing about anybody."""
    hospital = setting.world.hospitals[0]
    page = Letter(
        title="Invitation",
        sender=(hospital.name, hospital.service),
        recipients=("Mesdames et Messieurs les responsables d'établissement",),
        date=setting.day.date().isoformat(),
        patient=(),
        sections=(
            LetterSection(
                "Journée de la filière gériatrique",
                ("Nous vous convions à notre journée annuelle d'échanges. Inscription au secrétariat.",),
            ),
        ),
        signature=("Le secrétariat", hospital.service),
        place=hospital.city,
    )
    sender, subject = sender_of(hospital), "Invitation : journée de la filière gériatrique"
    message_id = f"<{uuid5(NAMESPACE_URL, f'{setting.day}/invitation')}@{sender.email.partition('@')[2]}>"
    mail = OutgoingMail(
        message_id=message_id,
        sender=sender,
        to=(Address(setting.recipient),),
        subject=subject,
        body="Bonjour,\n\nVous trouverez notre invitation ci-jointe.\n\nLe secrétariat\n",
        date=setting.now,
        attachments=(Attachment("Invitation.pdf", PDF, write_letter(page)),),
    )
    return Sending(message_id, sender.email, setting.recipient, subject, compose(mail))


def _version(setting: Setting, twist: Twist, number: int, *, by_another: bool = False) -> SignedDocument:
    letter = _letter(setting, twist, number)
    if number > 1:
        letter = replace(letter, synthesis=f"{letter.synthesis} Version {number} : poids de sortie ajouté, 58 kg.")
    return _signed(setting, letter, by_another=by_another)


def _letter(setting: Setting, twist: Twist, number: int) -> DischargeLetter:
    letter = discharge_letter_for(setting.world, setting.resident, now=setting.day)
    seed = f"{setting.world.seed}/{setting.resident.key}/{twist}/{setting.day:%Y%m%d%H%M%S}"
    ids = [Identifier(f"2.25.{uuid5(NAMESPACE_OID, f'{seed}/{n}').int}") for n in range(number + 1)]
    written = (setting.day + timedelta(minutes=number)).isoformat(timespec="seconds")
    header = replace(
        letter.header,
        id=ids[number],
        set_id=ids[0],
        version=number,
        replaces=ids[number - 1] if number > 1 else None,
        effective_time=written,
        signed_at=written,
    )
    return replace(letter, header=header)


def _signed(setting: Setting, letter: DischargeLetter, *, by_another: bool = False) -> SignedDocument:
    stay = stay_of(setting.world, setting.resident, number=0, now=setting.day)
    if by_another:
        hospital = next(each for each in setting.world.hospitals if each != stay.hospital)
        stay = replace(stay, hospital=hospital, doctor=hospital.doctors[0])
        signer = hospital.signer(stay.doctor)
        header = replace(letter.header, author=signer, signed_by=signer, custodian=hospital.organisation)
        letter = replace(letter, header=header)
    return sign_letter(letter, stay, setting.now, setting.authority)


def _sent(
    setting: Setting, document: SignedDocument, *, action: RequestedAction = "create", times: str = ""
) -> Sending:
    archive = package(document, document.cda, setting.now, action=action)
    attachments = (Attachment(PACKAGE_NAME, ZIP, archive), readable(document))
    return mail_sending(document, setting.recipient, setting.now, attachments, times=times)


_MAKERS: dict[Twist, Callable[[Setting, int], Sending]] = {
    "copied": _copied,
    "corrected": _corrected,
    "overtaken": _overtaken,
    "cancelled": _cancelled,
    "orphan": _orphan,
    "usurped": _usurped,
    "two_patients": _two_patients,
    "not_medical": _not_medical,
    "lacking": _lacking,
}
TWISTS: tuple[Twist, ...] = tuple(_MAKERS)
