"""The demo's certificate authority: kept, private, and fit for each use."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from liaison.demo.pki import Authority, Credential, ensure_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return ensure_authority(tmp_path_factory.mktemp("pki"))


def certificate_of(credential: Credential | Authority) -> x509.Certificate:
    return x509.load_pem_x509_certificate(credential.certificate.read_bytes())


def test_the_authority_and_its_certificates_are_kept(tmp_path: Path) -> None:
    def everything() -> list[bytes]:
        authority = ensure_authority(tmp_path / "pki")
        made = (
            authority.server_certificate(["localhost", "127.0.0.1"]),
            authority.client_certificate("Robot@x.test"),
            authority.signing_certificate("Dr Anne MARTIN", "10001234567"),
        )
        return [authority.certificate.read_bytes(), *(each.certificate.read_bytes() for each in made)]

    assert everything() == everything()


def test_several_starts_at_once_make_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ensure_authority(tmp_path / "pki").certificate.read_bytes(), range(8)))
    assert len(set(made)) == 1


def test_keys_are_for_their_owner_alone(authority: Authority) -> None:
    authority.client_certificate("robot@x.test")
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700
    for path in authority.folder.glob("*.[ck][re][ty]"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_other_names_make_another_server_certificate(authority: Authority) -> None:
    first = authority.server_certificate(["localhost", "127.0.0.1"])
    assert authority.server_certificate(["127.0.0.1", "localhost"]) == first
    assert authority.server_certificate(["localhost", "autre.test"]) != first
    names = certificate_of(first).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_machine_certificate_names_its_address_and_serves_no_server(authority: Authority) -> None:
    certificate = certificate_of(authority.client_certificate("Robot@X.test"))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert names.get_values_for_type(x509.RFC822Name) == ["robot@x.test"]
    assert list(usages) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_signing_certificate_names_the_practitioner_and_commits_him(authority: Authority) -> None:
    certificate = certificate_of(authority.signing_certificate("Dr Anne MARTIN", "10001234567"))
    subject = {
        name: certificate.subject.get_attributes_for_oid(name) for name in (NameOID.COMMON_NAME, NameOID.SERIAL_NUMBER)
    }
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert [attribute.value for values in subject.values() for attribute in values] == ["Dr Anne MARTIN", "10001234567"]
    assert usage.content_commitment
    certificate.verify_directly_issued_by(certificate_of(authority))
