"""The statuses of the RNIV: given by what was checked, for the traits it was checked for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.identity.identities import LOCAL

from liaison.core.identity.status import status_after, status_faults
from liaison.core.identity.traits import InsStatus, LocalIdentity

statuses: st.SearchStrategy[InsStatus] = st.sampled_from(["PROV", "RECUP", "VALI", "QUAL"])
HELD = replace(LOCAL, sex="F")
PROVISIONAL = replace(HELD, ins="", ins_oid="", ins_status="PROV")


@pytest.mark.parametrize(
    ("insi", "document", "status"),
    [(False, False, "PROV"), (True, False, "RECUP"), (False, True, "VALI"), (True, True, "QUAL")],
)
def test_the_service_and_the_document_give_the_four_statuses(insi: bool, document: bool, status: str) -> None:
    assert status_after("PROV", traits_changed=False, insi_called=insi, document_seen=document) == status


@given(statuses, st.booleans(), st.booleans())
def test_what_was_checked_counts_for_the_same_traits_only(held: InsStatus, insi: bool, document: bool) -> None:
    changed = status_after(held, traits_changed=True, insi_called=insi, document_seen=document)
    assert changed == status_after("PROV", traits_changed=False, insi_called=insi, document_seen=document)
    assert status_after(held, traits_changed=False, insi_called=False, document_seen=False) == held
    assert status_after(held, traits_changed=True, insi_called=False, document_seen=False) == "PROV"


def test_a_document_seen_after_the_service_qualifies() -> None:
    assert status_after("RECUP", traits_changed=False, insi_called=False, document_seen=True) == "QUAL"


def codes(identity: LocalIdentity) -> set[str]:
    return {notice.code for notice in status_faults(identity)}


@pytest.mark.parametrize(
    ("identity", "fault"),
    [
        (replace(HELD, ins=""), "status_needs_ins"),
        (replace(HELD, ins_oid="1.2.3"), "status_needs_ins"),
        (replace(HELD, ins="279035121518988"), "status_wrong_ins"),
        (replace(HELD, birth_place=""), "status_needs_traits"),
        (replace(HELD, sex="U"), "status_needs_traits"),
        (replace(HELD, attributes=frozenset({"DOUT"})), "status_of_doubt"),
        (replace(PROVISIONAL, attributes=frozenset({"DOUT", "FICT"})), "status_two_doubts"),
        (replace(HELD, ins_status="PROV", attributes=frozenset({"FICT"})), "status_doubt_with_ins"),
    ],
)
def test_what_a_status_asks_for_is_said(identity: LocalIdentity, fault: str) -> None:
    assert fault in codes(identity)


@pytest.mark.parametrize(
    "identity",
    [
        HELD,
        PROVISIONAL,
        replace(PROVISIONAL, ins_status="VALI"),
        replace(PROVISIONAL, attributes=frozenset({"DOUT"})),
        replace(HELD, attributes=frozenset({"HOMA"})),
        replace(PROVISIONAL, birth_date="1938", birth_place=""),
    ],
)
def test_a_sound_identity_has_no_fault(identity: LocalIdentity) -> None:
    assert codes(identity) == set()
