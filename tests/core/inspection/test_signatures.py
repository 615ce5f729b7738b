"""What `inspect` says of the signatures of a PDF."""

from typing import Any

from tests.core.inspection.files import the_pdf
from tests.core.pdf.signers import signer

from liaison.core.inspection.inspect import inspect
from liaison.core.inspection.summary import summary
from liaison.core.pdf.text import read_pdf


def signatures(found: dict[str, Any]) -> list[dict[str, Any]]:
    (document,) = found["documents"]
    return list(document["pdf"]["signatures"])


def test_a_signature_is_trusted_only_up_to_a_given_authority() -> None:
    practitioner = signer()
    signed = practitioner.sign(the_pdf())
    (signature,) = signatures(inspect("f", signed))
    assert signature == {
        "signer": "L'HERMITE Paul-Émile",
        "time": "2026-03-04T17:05:00+01:00",
        "intact": True,
        "trusted": False,
    }
    trusting = inspect("f", signed, read_pdf=lambda data: read_pdf(data, trusted=(practitioner.authority,)))
    assert signatures(trusting)[0]["trusted"] is True


def test_a_signature_that_cannot_be_checked_is_listed_and_told() -> None:
    signed = signer().sign(the_pdf())
    place = signed.rindex(b"/Contents <") + len(b"/Contents <")
    found = inspect("f", signed[:place] + b"ff" * 8 + signed[place + 16 :])
    assert signatures(found) == [{"signer": None, "time": None, "intact": False, "trusted": False}]
    assert "Signature illisible" in summary(found)
