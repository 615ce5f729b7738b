"""Our copy of the national directory: taken in whole or not at all, and searched while people type."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from tests.support.directory import listed, take

from liaison.apps.audit.models import Entry
from liaison.apps.directory import imports, loading
from liaison.apps.directory.imports import Progress, do_import_extraction
from liaison.apps.directory.models import DirectoryEntry, DirectoryWord, Edition, TrustedDomain
from liaison.apps.directory.queries import is_trusted_address, last_refusal, search_directory
from liaison.apps.directory.trust import do_take_allow_list
from liaison.apps.refusals import NotPossible
from liaison.core.directory.allow_list import NAMESPACE
from liaison.core.directory.extraction import COLUMNS
from liaison.demo.directory import extraction, write_extraction

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, tzinfo=UTC)
HEADER = "|".join(COLUMNS) + "\n"


def written(folder: Path, text: str | bytes, name: str = "extraction.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(NotPossible) as refused:
        do_import_extraction(path)
    return str(refused.value)


def test_a_whole_extraction_is_put_in_service_with_its_age_and_its_entry(tmp_path: Path) -> None:
    edition = take(tmp_path, [listed()], others=300)
    assert (edition.state, edition.lines_read, edition.left_out) == (Edition.State.CURRENT, 301, 0)
    assert DirectoryEntry.objects.count() == 301
    assert DirectoryEntry.objects.get(email="anne.morel@ville.mssante.fr").city == "REIMS"
    assert edition.published_at <= edition.started_at
    assert Entry.objects.get(action="directory_imported").details["entries"] == edition.entries


def test_the_text_outside_its_zip_is_taken_too_and_the_same_file_twice_is_one_edition(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(extraction(40)))
    assert do_import_extraction(path) == do_import_extraction(path)
    assert Edition.objects.count() == 1


def test_a_new_copy_replaces_the_former_and_nothing_of_it_stays(tmp_path: Path) -> None:
    first = take(tmp_path, [listed("ANCIEN", "ancien@ville.mssante.fr")], others=20)
    second = take(tmp_path, [listed("NOUVEAU", "nouveau@ville.mssante.fr")], others=21)
    first.refresh_from_db()
    assert (first.state, second.state) == (Edition.State.REPLACED, Edition.State.CURRENT)
    assert search_directory("ancien") == []
    assert [one.listed.family for one in search_directory("nouveau")] == ["NOUVEAU"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "31 colonnes"),
        (b"a;b;c\n1;2;3\n", "31 colonnes"),
        (HEADER.encode(), "aucune adresse"),
        (HEADER.encode() + b"PER|x|" * 3 + b"\n", "illisibles"),
        (HEADER.encode() + b"\xff\xfe\n", "endommagé"),
        (HEADER.encode() + b"a" * 9000, "endommagé"),
    ],
    ids=["empty", "another file", "no line", "unreadable lines", "not UTF-8", "endless line"],
)
def test_a_file_that_is_not_whole_is_refused_in_clear_words_and_the_copy_stays(
    tmp_path: Path, content: bytes, word: str
) -> None:
    current = take(tmp_path, [listed()], others=10)
    assert word in refusal(written(tmp_path, content))
    refused = last_refusal()
    assert refused is not None
    assert word in refused.refusal
    current.refresh_from_db()
    assert current.state == Edition.State.CURRENT
    assert [one.listed.family for one in search_directory("morel")] == ["MOREL"]
    assert not loading.is_prepared()


def test_a_zip_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "extraction.zip"
    write_extraction(path, 3000)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        start = archive.infolist()[0].header_offset + 200
    damaged = whole[:start] + bytes(200) + whole[start + 200 :]
    assert "endommagé" in refusal(written(tmp_path, damaged, "abime.zip"))


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "autre.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.png", b"...")
    assert "fichier texte" in refusal(path)


def test_a_copy_much_smaller_than_the_one_in_service_is_refused_unless_a_person_says_so(tmp_path: Path) -> None:
    take(tmp_path, [listed()], others=99)
    path = written(tmp_path, "".join(extraction(80)))
    assert "80 adresses, contre 100" in refusal(path)
    assert DirectoryEntry.objects.count() == 100
    assert do_import_extraction(path, smaller=True).entries == 80
    assert DirectoryEntry.objects.count() == 80


def test_an_import_stopped_goes_on_from_the_last_batch_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 10)
    path = written(tmp_path, "".join(extraction(45)))
    seen: list[int] = []

    def stop_after_thirty(progress: Progress) -> None:
        seen.append(progress.lines)
        if progress.lines == 30 and len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do_import_extraction(path, told=stop_after_thirty)
    assert Edition.objects.get().lines_read == 30
    edition = do_import_extraction(path, told=stop_after_thirty)
    assert seen == [10, 20, 30, 40, 45, 45]
    assert (edition.state, DirectoryEntry.objects.count()) == (Edition.State.CURRENT, 45)


def elsewhere() -> psycopg.Connection[tuple[object, ...]]:
    """Another connection to the same base."""
    settings = connection.get_connection_params()
    return psycopg.connect(**{name: value for name, value in settings.items() if name in _LIBPQ})


def test_two_imports_never_run_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(extraction(5)))
    with elsewhere() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [imports.IMPORT_LOCK])
        assert "déjà en cours" in refusal(path)


def test_an_import_waits_for_who_reads_the_copy_then_says_so_and_ends_at_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "LOCK_TIMEOUT", "30ms")
    path = written(tmp_path, "".join(extraction(5)))
    with elsewhere() as other:
        other.execute("SELECT count(*) FROM directory_directoryentry")
        assert "occupée par un autre traitement" in refusal(path)
    assert Edition.objects.get().state == Edition.State.LOADING
    assert do_import_extraction(path).state == Edition.State.CURRENT


def test_the_next_extraction_brings_only_what_changed_and_leaves_no_trace_of_what_went(tmp_path: Path) -> None:
    first = take(tmp_path, [listed("ANCIEN", "ancien@ville.mssante.fr")], others=100)
    rows = dict(DirectoryEntry.objects.values_list("email", "id"))
    second = take(tmp_path, [listed("NOUVEAU", "nouveau@ville.mssante.fr")], others=100)
    first.refresh_from_db()
    assert (first.state, second.state, second.entries) == (Edition.State.REPLACED, Edition.State.CURRENT, 101)
    kept = dict(DirectoryEntry.objects.values_list("email", "id"))
    assert set(rows) ^ set(kept) == {"ancien@ville.mssante.fr", "nouveau@ville.mssante.fr"}
    assert all(rows[email] == kept[email] for email in set(rows) & set(kept))
    assert search_directory("ancien") == []
    assert not DirectoryWord.objects.filter(word="ancien").exists()
    assert [one.listed.family for one in search_directory("nouvaeu")] == ["NOUVEAU"]
    assert not loading.is_prepared()


def test_an_extraction_that_differs_by_much_is_loaded_whole(tmp_path: Path) -> None:
    take(tmp_path, [listed()], others=50)
    do_import_extraction(written(tmp_path, "".join(extraction(60, seed=9))))
    assert DirectoryEntry.objects.count() == 60
    assert not DirectoryEntry.objects.filter(email="anne.morel@ville.mssante.fr").exists()


def test_differences_too_many_to_be_sound_leave_the_copy_as_it_is(tmp_path: Path) -> None:
    take(tmp_path, [], others=100)
    text = "".join(extraction(100)).splitlines(keepends=True)
    broken = written(tmp_path, "".join([*text[:96], *("PER|x\n" for _ in range(5))]), "casse.txt")
    assert "illisibles" in refusal(broken)
    assert DirectoryEntry.objects.count() == 100


def test_two_letters_give_who_begins_so(tmp_path: Path) -> None:
    take(tmp_path, [*PEOPLE, listed("LY", "ly@ville.mssante.fr", national_id="810000000009")], others=20)
    assert "MARTIN" in found("ma")
    assert found("ly")[0] == "LY"


_LIBPQ = {"dbname", "user", "password", "host", "port"}


def found(text: str, department: str = "") -> list[str]:
    return [one.listed.family or one.listed.structure for one in search_directory(text, department=department)]


CARDIOLOGY = "Cardiologie et maladies vasculaires"
ELSEWHERE = {"city": "ST ETIENNE", "postal_code": "42000", "department": "42"}
PHARMACY = {"kind": "ORG", "national_id": "1", "given": "", "profession": "", "speciality": ""}
PEOPLE = (
    listed("MARTIN", "a@ville.mssante.fr", national_id="810000000001"),
    listed("MARTINEZ", "b@ville.mssante.fr", national_id="810000000002", speciality=CARDIOLOGY),
    listed("N'DIAYE-ROBERT", "c@ville.mssante.fr", national_id="810000000003", profession="Infirmier", speciality=""),
    listed("LEFÈVRE", "d@ville.mssante.fr", national_id="810000000004", **ELSEWHERE),
    listed("", "e@ville.mssante.fr", structure="PHARMACIE DU PORT", **PHARMACY),
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("martin", "MARTIN"),
        ("mart", "MARTIN"),
        ("martin reims", "MARTIN"),
        ("cardiologue reims", "MARTINEZ"),
        ("cardio", "MARTINEZ"),
        ("ndiaye", "N'DIAYE-ROBERT"),
        ("infirmière robert", "N'DIAYE-ROBERT"),
        ("lefevre saint-étienne", "LEFÈVRE"),
        ("LEFEVRE 42", "LEFÈVRE"),
        ("pharmacie port", "PHARMACIE DU PORT"),
        ("matrin", "MARTIN"),
        ("lefvre", "LEFÈVRE"),
        ("lefebvre", "LEFÈVRE"),
        ("pharmcie", "PHARMACIE DU PORT"),
        ("cardioloque remis", "MARTINEZ"),
    ],
)
def test_a_professional_is_found_as_people_type_him(tmp_path: Path, typed: str, first: str) -> None:
    take(tmp_path, PEOPLE, others=200)
    assert found(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "  ", "zzzzzzzz", "'; DROP TABLE x; --", "& | ! ( :*", "é" * 300])
def test_whatever_is_typed_is_answered(tmp_path: Path, typed: str) -> None:
    take(tmp_path, PEOPLE)
    assert found(typed) == []


def test_those_around_the_home_come_first(tmp_path: Path) -> None:
    far = [
        listed("DURAND", f"{n}@ville.mssante.fr", national_id=f"81{n:010d}", postal_code="13001", department="13")
        for n in range(30)
    ]
    take(tmp_path, [*far, listed("DURAND", "ici@ville.mssante.fr", national_id="819999999999")])
    assert "ici@ville.mssante.fr" in [
        line.email for one in search_directory("durand", department="51") for line in one.lines
    ]
    assert len(search_directory("durand", department="51")) == 20


def test_a_person_with_several_mailboxes_is_found_once_with_all_of_them(tmp_path: Path) -> None:
    take(tmp_path, [listed(), listed(email="anne@autre.mssante.fr")])
    (one,) = search_directory("morel")
    assert {line.email for line in one.lines} == {"anne.morel@ville.mssante.fr", "anne@autre.mssante.fr"}


def allow_list(*domains: str) -> bytes:
    names = "".join(f"<Domaine><Nom>{domain}</Nom></Domaine>" for domain in domains)
    return f'<ListeBlanche xmlns="{NAMESPACE}">{names}</ListeBlanche>'.encode()


def test_the_published_list_decides_and_what_somebody_declared_stays() -> None:
    TrustedDomain.objects.create(domain="maison.mssante.fr", operator="ici")
    do_take_allow_list(allow_list("a.mssante.fr", "b.mssante.fr"), published_at=NOW)
    do_take_allow_list(allow_list("b.mssante.fr", "c.mssante.fr"), published_at=NOW)
    trusted = [domain for domain in "abc" if is_trusted_address(f"x@{domain}.mssante.fr")]
    assert trusted == ["b", "c"]
    assert is_trusted_address("x@MAISON.mssante.fr")


def test_a_bad_list_is_refused_and_the_last_good_one_stays() -> None:
    do_take_allow_list(allow_list(*(f"d{n}.mssante.fr" for n in range(20))), published_at=NOW)
    for content, word in ((allow_list("d1.mssante.fr"), "contre 20"), (b"<html/>", "liste blanche")):
        with pytest.raises(NotPossible, match=word):
            do_take_allow_list(content, published_at=NOW)
    assert is_trusted_address("x@d19.mssante.fr")
    refused = last_refusal(Edition.Source.ALLOW_LIST)
    assert refused is not None
    assert "liste blanche" in refused.refusal
    assert Edition.objects.filter(source=Edition.Source.ALLOW_LIST, state=Edition.State.CURRENT).count() == 1
