"""A message received twice, or two messages of one Message-ID: both kept, each linked to the other."""

import pytest

from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.pipeline import do_read
from liaison.apps.mailboxes.models import Mailbox
from tests.support import factories
from tests.web.conftest import House, visitor

pytestmark = pytest.mark.django_db

FIRST = b"Message-ID: <a@h.fr>\r\nSubject: un\r\n\r\nPremier"
SECOND = b"Message-ID: <a@h.fr>\r\nSubject: deux\r\n\r\nSecond"


def kept(mailbox: Mailbox, raw: bytes) -> RawMessage:
    message = factories.receive(mailbox, raw)
    do_read(message)
    return message


def page(house: House, message: RawMessage) -> str:
    return visitor(house.secretary).get(f"/messages/{message.uuid}/").content.decode()


def test_the_same_message_in_two_mailboxes_is_kept_in_both_and_says_so(house: House) -> None:
    other = factories.make_mailbox(house.site, house.secretary)
    one, two = kept(house.mailbox, FIRST), kept(other, FIRST)
    assert "Le même message est aussi dans la boîte" in page(house, one)
    assert other.address in page(house, one)
    assert str(one.uuid) in page(house, two)


def test_a_message_id_used_again_keeps_both_messages_linked(house: House) -> None:
    one, two = kept(house.mailbox, FIRST), kept(house.mailbox, SECOND)
    assert "l'expéditeur l'a réutilisé" in page(house, one)
    assert str(one.uuid) in page(house, two)


def test_a_twin_in_a_mailbox_i_do_not_hold_is_not_told(house: House) -> None:
    doctors = factories.make_mailbox(house.site, house.doctor, kind=Mailbox.Kind.PERSONAL)
    one, two = kept(house.mailbox, FIRST), kept(doctors, FIRST)
    assert str(two.uuid) not in page(house, one)


def test_messages_without_message_id_are_no_twins(house: House) -> None:
    one, _ = kept(house.mailbox, b"Subject: un\r\n\r\nA"), kept(house.mailbox, b"Subject: deux\r\n\r\nB")
    shown = page(house, one)
    assert "Le même message" not in shown
    assert "Un autre message porte le même identifiant" not in shown
