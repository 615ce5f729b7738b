"""Each attack on the unzipper, by name."""

import io
import stat
import struct
import tracemalloc
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.notices import Unreadable
from liaison.core.xdm import archive
from liaison.core.xdm.archive import build_archive, open_archive
from liaison.core.xdm.values import Member

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as made:
        for name, content in members:
            made.writestr(name, content, method)
    return output.getvalue()


def opened(data: bytes) -> tuple[Member, ...]:
    found = open_archive(data)
    assert not isinstance(found, Unreadable)
    return found[0]


def only(data: bytes) -> tuple[str, bytes, list[str]]:
    (member,) = opened(data)
    return member.name, member.content, [notice.code for notice in member.notices]


def test_a_zip_bomb_is_refused_while_it_inflates() -> None:
    bomb = zipped(("bombe.txt", b"\0" * 49_000_000))
    tracemalloc.start()
    found = only(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ("bombe.txt", b"", ["member_ratio"])
    assert peak < 15_000_000


def test_a_bomb_that_lies_about_its_size_is_refused_on_the_real_stream() -> None:
    bomb = bytearray(zipped(("bombe.txt", b"\0" * 30_000_000)))
    directory = bomb.rfind(b"PK\x01\x02")
    struct.pack_into("<I", bomb, directory + 24, 10)
    struct.pack_into("<I", bomb, 22, 10)
    _, content, codes = only(bytes(bomb))
    assert content == b""
    assert codes in (["member_ratio"], ["member_damaged"])


def test_a_member_over_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 1000)
    assert only(zipped(("gros", b"ab" * 501), method=zipfile.ZIP_STORED)) == ("gros", b"", ["member_too_large"])


def test_the_total_is_capped_over_all_members() -> None:
    budget = archive.InflateBudget(total_bytes=2500)
    found = open_archive(zipped(*((str(n), b"x" * 1000) for n in range(4))), budget=budget)
    assert not isinstance(found, Unreadable)
    assert [len(member.content) for member in found[0]] == [1000, 1000, 0, 0]
    assert [notice.code for notice in found[0][3].notices] == ["zip_too_large"]


def test_a_nested_bomb_is_refused_and_its_shells_kept() -> None:
    shell = zipped(("fond", b"x"))
    for _ in range(6):
        shell = zipped(("suite.zip", shell))
    members = opened(shell)
    assert len(members) == archive.MAX_DEPTH
    assert [notice.code for notice in members[-1].notices] == ["zip_too_deep"]
    assert members[-1].content.startswith(b"PK")


def test_members_over_the_count_stay_visible() -> None:
    members = opened(zipped(*((f"{n}.txt", b"x") for n in range(archive.MAX_MEMBERS + 3))))
    assert len(members) == archive.MAX_MEMBERS + 3
    assert [notice.code for notice in members[-1].notices] == ["member_over_count"]


def test_a_directory_of_a_million_entries_is_not_even_read() -> None:
    found = open_archive(b"PK\x03\x04" + b"PK\x01\x02" * 1_000_000)
    assert isinstance(found, Unreadable)
    assert found.notice.code == "zip_too_many_members"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\Windows\\a", "a\\..\\..\\b"])
def test_a_name_that_leaves_the_archive_is_refused_and_shown(name: str) -> None:
    assert only(zipped((name, b"x")))[1:] == (b"", ["member_traversal"])


def test_a_symbolic_link_is_refused() -> None:
    info = zipfile.ZipInfo("lien")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert only(zipped((info, b"/etc/passwd")))[2] == ["member_symlink"]


def test_an_encrypted_member_is_shown_as_such() -> None:
    data = bytearray(zipped(("secret", b"x")))
    directory = data.rfind(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    assert only(bytes(data))[2] == ["member_encrypted"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_a_bounded_inflater_are_refused(method: int) -> None:
    assert only(zipped(("a", b"x" * 100), method=method))[2] == ["member_unknown_method"]


def test_a_damaged_member_leaves_the_others_readable() -> None:
    data = bytearray(zipped(("un", b"premier"), ("deux", b"second"), method=zipfile.ZIP_STORED))
    data[data.find(b"premier")] = ord("P")
    first, second = opened(bytes(data))
    assert (first.content, [notice.code for notice in first.notices]) == (b"", ["member_damaged"])
    assert second.content == b"second"


def test_two_members_of_one_name_are_both_there() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a", b"1"), ("a", b"2"))
    first, second = opened(data)
    assert (first.name, second.name, second.content) == ("a", "a#2", b"2")


def test_names_in_code_page_437_and_in_undeclared_utf8_are_read() -> None:
    declared = zipped(("résumé.pdf", b"x"))
    assert only(declared)[0] == "résumé.pdf"
    undeclared = bytearray(declared)
    undeclared[7] &= ~0x08
    directory = undeclared.rfind(b"PK\x01\x02")
    undeclared[directory + 9] &= ~0x08
    assert only(bytes(undeclared))[0] == "résumé.pdf"
    old = zipped(("r\u00ff\u00ff.pdf", b"x")).replace(
        "r\u00ff\u00ff".encode(), "résé".encode("cp437")[:5].ljust(5, b"_")
    )
    cp437 = bytearray(old)
    cp437[7] &= ~0x08
    cp437[cp437.rfind(b"PK\x01\x02") + 9] &= ~0x08
    assert only(bytes(cp437))[0] == "résé_.pdf"


def test_an_archive_that_is_only_folders_has_no_member() -> None:
    assert opened(zipped(("IHE_XDM/", b""))) == ()


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=48, max_codepoint=0x2FF, categories=("L", "N")), min_size=1, max_size=8),
        st.binary(max_size=200).filter(lambda content: not content.startswith(b"PK")),
        max_size=8,
    )
)
def test_any_members_come_back(members: dict[str, bytes]) -> None:
    found = opened(build_archive(members.items(), at=NOON))
    assert {member.name: member.content for member in found} == members
    assert all(member.notices == () for member in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_junk_is_unreadable_and_never_raises(data: bytes) -> None:
    assert isinstance(open_archive(data), Unreadable)


def overlapping_members(copies: int) -> bytes:
    """A better bomb: its members share one compressed body, and each counts again."""
    kernel = zipped(("a", bytes(range(256)) * 4000))
    end = kernel.rfind(b"PK\x05\x06")
    directory = kernel[kernel.rfind(b"PK\x01\x02") : end]
    tail = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, copies, copies, len(directory) * copies, end - len(directory), 0
    )
    return kernel[: end - len(directory)] + directory * copies + tail


def test_overlapping_members_cannot_inflate_past_the_total() -> None:
    members = opened(overlapping_members(400))
    assert sum(len(member.content) for member in members) <= archive.MAX_TOTAL_BYTES
    assert costs_no_more_than_its_size(opened, overlapping_members, 50)
