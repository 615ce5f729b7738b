"""The published list of trusted domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.directory.allow_list import NAMESPACE, domain_key, read_allow_list
from liaison.core.notices import Unreadable


def xml(*domains: str, namespace: str = NAMESPACE, prolog: str = "") -> bytes:
    listed = "".join(f"<Domaine><Nom>{domain}</Nom></Domaine>" for domain in domains)
    return f'{prolog}<ListeBlanche xmlns="{namespace}"><Domaines>{listed}</Domaines></ListeBlanche>'.encode()


def code(content: bytes) -> str:
    found = read_allow_list(content)
    assert isinstance(found, Unreadable)
    return found.notice.code


def test_each_domain_is_read_once_in_the_form_it_is_compared_in() -> None:
    assert read_allow_list(xml("A.mssante.fr", "a.mssante.fr", " hôpital.mssante.fr ")) == (
        "a.mssante.fr",
        "xn--hpital-ixa.mssante.fr",
    )
    assert domain_key("HÔPITAL.mssante.fr") == "xn--hpital-ixa.mssante.fr"


def test_a_dtd_another_file_and_an_empty_list_are_refused_with_their_reason() -> None:
    assert code(xml("a.mssante.fr", prolog='<!DOCTYPE x [<!ENTITY e "e">]>')) == "allow_list_dtd"
    assert code(xml("a.mssante.fr", namespace="urn:autre")) == "not_an_allow_list"
    assert code(xml()) == "allow_list_empty"
    assert code(xml("a.mssante.fr")[:40]) == "not_an_allow_list"


def test_a_list_too_large_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liaison.core.directory.allow_list.MOST_BYTES", 10)
    assert code(xml("a.mssante.fr")) == "allow_list_too_large"


@given(st.binary())
def test_no_bytes_make_the_reader_fall(content: bytes) -> None:
    read_allow_list(content)
