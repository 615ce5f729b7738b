"""The Annuaire Santé API, against a server that speaks it: page by page, at its pace, and through its failures."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from tests.connectors.annuaire_sante_server import KEY, Gateway, gateway, practitioner, telecom
from tests.support.directory import listed, take

from liaison.apps.directory.models import Edition
from liaison.apps.directory.queries import search_directory
from liaison.apps.directory.updates import since_when
from liaison.connectors import annuaire_sante
from liaison.connectors.annuaire_sante import AnnuaireSante, DirectoryError, configured, update_directory
from liaison.core.directory.fhir import Page, read_page
from liaison.core.notices import Unreadable

SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Gateway]:
    with gateway() as held:
        yield held


class Clock:
    """Time that passes only when somebody waits for it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: list[float] = []

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


def api(server: Gateway, clock: Clock | None = None, key: str = KEY) -> AnnuaireSante:
    clock = clock or Clock()
    return AnnuaireSante(server.url, key, pause=clock.pause, clock=lambda: clock.now)


def emails(pages: Iterator[Page]) -> list[str]:
    return [line.email for page in pages for line in page.listed]


def people(count: int) -> list[dict[str, Any]]:
    return [practitioner(f"81000000{n:04d}", f"NOM{n}", f"n{n}@ville.mssante.fr") for n in range(count)]


def test_every_page_is_followed_to_the_last(server: Gateway) -> None:
    server.resources = people(5)
    assert emails(api(server).changes("Practitioner", SINCE)) == [f"n{n}@ville.mssante.fr" for n in range(5)]
    assert len(server.asked) == 3
    assert server.asked[0][1]["_lastUpdated"] == ["ge2026-11-01T00:00:00+00:00"]


def test_only_what_changed_since_is_asked(server: Gateway) -> None:
    server.resources = [
        *people(1),
        practitioner("819", "VIEUX", "vieux@ville.mssante.fr", updated="2026-10-01T00:00:00Z"),
    ]
    assert emails(api(server).changes("Practitioner", SINCE)) == ["n0@ville.mssante.fr"]


def test_no_more_than_seventeen_calls_a_second(server: Gateway) -> None:
    server.resources, server.page_size, clock = people(40), 1, Clock()
    assert len(emails(api(server, clock).changes("Practitioner", SINCE))) == 40
    assert clock.now - 100.0 == pytest.approx(39 / 17)


def test_what_passes_is_tried_again_later_each_time(server: Gateway) -> None:
    server.resources, server.failures, clock = people(1), [(503, {}), (500, {}), (502, {})], Clock()
    assert emails(api(server, clock).changes("Practitioner", SINCE)) == ["n0@ville.mssante.fr"]
    assert [wait for wait in clock.waited if wait >= 1] == [1, 2, 4]


def test_too_many_calls_waits_as_long_as_it_is_told(server: Gateway) -> None:
    server.resources, server.failures, clock = people(1), [(429, {"Retry-After": "30"})], Clock()
    assert emails(api(server, clock).changes("Practitioner", SINCE)) == ["n0@ville.mssante.fr"]
    assert 30 in clock.waited


def test_a_server_that_stays_down_or_is_not_there_is_given_up(server: Gateway) -> None:
    server.failures = [(503, {})] * 50
    with pytest.raises(DirectoryError, match="ne répond pas"):
        list(api(server).changes("Practitioner", SINCE))
    assert len(server.asked) == annuaire_sante.TRIES
    clock = Clock()
    nowhere = AnnuaireSante("http://127.0.0.1:1/fhir/v2", KEY, pause=clock.pause, clock=lambda: clock.now)
    with pytest.raises(DirectoryError, match="ne répond pas"):
        list(nowhere.changes("Practitioner", SINCE))


def test_a_refused_key_is_said_at_once_and_never_shown(server: Gateway) -> None:
    wrong = api(server, key="mauvaise-clef")
    with pytest.raises(DirectoryError, match="refuse la clé") as refused:
        list(wrong.changes("Practitioner", SINCE))
    assert len(server.asked) == 1
    assert "mauvaise-clef" not in f"{refused.value}{wrong!r}"


def test_the_key_never_goes_to_another_host(server: Gateway) -> None:
    server.resources = people(5)
    with gateway() as other:
        server.next_host = other.url
        with pytest.raises(DirectoryError, match="autre serveur"):
            list(api(server).changes("Practitioner", SINCE))
        assert other.asked == []


@pytest.mark.parametrize("limit", ["LARGEST_PAGE", "MOST_PAGES"])
def test_an_endless_answer_is_cut(server: Gateway, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    server.resources = people(30)
    monkeypatch.setattr(annuaire_sante, limit, 3)
    with pytest.raises(DirectoryError):
        list(api(server).changes("Practitioner", SINCE))


def test_a_mailbox_on_the_red_list_or_of_a_software_is_left_out() -> None:
    one = practitioner("810000000001", "MOREL")
    one["telecom"] = [telecom("rouge@a.fr", red=True), telecom("app@a.fr", "APP"), telecom("vue@a.fr")]
    one["telecom"].append({"system": "email", "value": "ordinaire@exemple.fr"})
    page = read_page({"resourceType": "Bundle", "entry": [{"resource": one}]})
    assert isinstance(page, Page)
    assert [line.email for line in page.listed] == ["vue@a.fr"]


@pytest.mark.parametrize("answer", [None, [], "texte", {"resourceType": "OperationOutcome"}, {"entry": 3}])
def test_what_is_not_a_page_is_said_so(answer: object) -> None:
    assert isinstance(read_page(answer), Unreadable)


def test_nothing_odd_in_a_page_makes_its_reading_fall() -> None:
    odd = [{"resource": {"resourceType": "Practitioner", "telecom": 3, "name": {}, "identifier": "x"}}, {}, 4]
    odd.append({"resource": practitioner("8", "MOREL", "a@b.fr") | {"name": [None, 3]}})
    page = read_page({"resourceType": "Bundle", "entry": odd, "link": "x"})
    assert isinstance(page, Page)
    assert [line.family for line in page.listed] == [""]


@pytest.mark.django_db
def test_the_copy_in_service_is_brought_up_to_date(server: Gateway, tmp_path: Path) -> None:
    take(tmp_path, [listed(), listed("PARTI", "parti@ville.mssante.fr", national_id="810000000777")], others=20)
    role = {
        "resourceType": "PractitionerRole",
        "id": "r1",
        "meta": {"lastUpdated": "2099-01-01T00:00:00Z"},
        "practitioner": {"reference": "Practitioner/p-810000000555"},
        "organization": {"reference": "Organization/o1"},
        "specialty": [{"coding": [{"display": "Cardiologie et maladies vasculaires"}]}],
        "telecom": [telecom("nouveau@ville.mssante.fr")],
    }
    office = {
        "resourceType": "Organization",
        "id": "o1",
        "meta": {"lastUpdated": "2000-01-01"},
        "name": "CABINET DU LAC",
    }
    office["address"] = [{"city": "REIMS", "postalCode": "51100"}]
    gone = practitioner("810000000777", "PARTI", updated="2099-01-01T00:00:00Z", active=False)
    server.resources = [practitioner("810000000555", "NOUVEAU", updated="2000-01-01"), role, office, gone]
    assert update_directory(api(server)) == 1
    (found,) = search_directory("nouveau cardiologue reims")
    assert (found.listed.family, found.listed.structure) == ("NOUVEAU", "CABINET DU LAC")
    assert search_directory("parti") == []
    assert [one.listed.family for one in search_directory("morel")] == ["MOREL"]
    update = Edition.objects.get(source=Edition.Source.API)
    assert since_when() == update.published_at


@pytest.mark.django_db
def test_an_update_cut_short_starts_again_from_the_same_time(server: Gateway, tmp_path: Path) -> None:
    edition = take(tmp_path, [listed()], others=5)
    server.resources = people(3)
    server.failures = [(200, {})]
    with pytest.raises(DirectoryError):
        update_directory(api(server))
    assert since_when() == edition.published_at


@pytest.mark.django_db
def test_without_an_extraction_there_is_nothing_to_complete(server: Gateway) -> None:
    with pytest.raises(DirectoryError, match="extraction"):
        update_directory(api(server))
    assert server.asked == []


def test_without_a_key_the_api_is_not_asked(settings: Any) -> None:
    settings.ANNUAIRE_SANTE_KEY = ""
    assert configured() is None
    settings.ANNUAIRE_SANTE_KEY = KEY
    assert configured() is not None


def test_an_address_that_would_carry_the_key_in_clear_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    import runpy

    monkeypatch.setenv("LIAISON_ANNUAIRE_SANTE_URL", "http://annuaire.example/fhir/v2")
    with pytest.raises(ImproperlyConfigured, match="https"):
        runpy.run_module("liaison.config.settings")
