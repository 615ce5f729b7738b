"""Giving a message to a server that fails in every way a socket can: three outcomes, each with one thing to do next."""

import time

import pytest
from tests.support.smtp_double import BODY, CUT, SILENT, smtp_double

from liaison.apps.mailboxes.connection import Credentials, Endpoint
from liaison.apps.mailboxes.smtp import Envelope, SendingInDoubt, SendingPostponed, SendingRefused, send
from liaison.demo.pki import Authority, ensure_authority

HOME, GP = "ehpad@bal.mssante.test", "medecin@bal.mssante.test"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return ensure_authority(tmp_path_factory.mktemp("pki"))


def give(authority: Authority, port: int, *, notify: bool = True) -> str:
    endpoint = Endpoint("127.0.0.1", port, "tls", str(authority.certificate))
    envelope = Envelope(HOME, GP, envelope_id="abc" if notify else "", notify=notify)
    return send(endpoint, Credentials(HOME, "secret"), envelope, b"Subject: x\r\n\r\nx\r\n", timeout=0.5)


def test_reports_are_asked_with_our_number_or_declined(authority: Authority) -> None:
    with smtp_double(authority) as server:
        assert give(authority, server.port) == "250 2.0.0 taken"
    assert any(
        heard.upper().startswith("MAIL") and "ENVID=abc" in heard and "RET=HDRS" in heard for heard in server.heard
    )
    assert any("NOTIFY=SUCCESS,FAILURE,DELAY" in heard and f"ORCPT=rfc822;{GP}" in heard for heard in server.heard)
    with smtp_double(authority) as server:
        give(authority, server.port, notify=False)
    assert any("NOTIFY=NEVER" in heard for heard in server.heard)
    assert not any("RET=" in heard for heard in server.heard)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({BODY: CUT}, SendingInDoubt),
        ({BODY: SILENT}, SendingInDoubt),
        ({BODY: "451 4.3.0 plus tard"}, SendingPostponed),
        ({BODY: "554 5.7.1 non"}, SendingRefused),
        ({"DATA": "451 4.3.0 plus tard"}, SendingPostponed),
        ({"DATA": "554 5.7.1 non"}, SendingRefused),
        ({"RCPT": "450 4.2.1 plus tard"}, SendingPostponed),
        ({"RCPT": "550 5.1.1 inconnu"}, SendingRefused),
        ({"RCPT": CUT}, SendingPostponed),
        ({"MAIL": SILENT}, SendingPostponed),
        ({"MAIL": "552 5.3.4 trop gros"}, SendingRefused),
        ({"AUTH": "535 5.7.8 non"}, SendingRefused),
        ({"AUTH": "454 4.7.0 plus tard"}, SendingPostponed),
        ({"greeting": SILENT}, SendingPostponed),
        ({"greeting": "421 fermé"}, SendingPostponed),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else " ".join(map(str, *value.items())),
)
def test_each_way_to_fail_is_one_of_three_within_the_timeout(
    authority: Authority, said: dict[str, str], expected: type[Exception]
) -> None:
    begun = time.monotonic()
    with smtp_double(authority, said) as server, pytest.raises(expected):
        give(authority, server.port)
    assert time.monotonic() - begun < 5


def test_what_the_server_took_is_sent_even_when_it_hangs_up_at_once(authority: Authority) -> None:
    with smtp_double(authority, {"QUIT": CUT}) as server:
        assert give(authority, server.port).startswith("250")
