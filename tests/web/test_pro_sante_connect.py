"""Pro Santé Connect: it opens a page to the person written to, an account to the RPPS it bears, and nothing else."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from django.http import HttpResponse
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import OctKey

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.links import do_withdraw_link
from liaison.apps.exchanges.models import AnswerLink, Note, Recipient, Reply
from liaison.apps.organisations.identification import MOST_FAILED_FOR_A_LINK, MOST_FAILED_HERE
from liaison.apps.organisations.models import Identification, Role, User
from liaison.apps.organisations.row_security import close_scope
from liaison.core.mail.message import read_mail
from liaison.demo.pro_sante_connect.names import CLIENT_ID, CLIENT_SECRET
from liaison.demo.pro_sante_connect.provider import Person, StandIn, serving
from liaison.web.pro_sante_connect import provider as product
from liaison.web.pro_sante_connect import rounds
from tests.support import factories
from tests.web.conftest import House, Visitor
from tests.web.test_answer import Phone, codes, token_of

pytestmark = pytest.mark.django_db

RETURN = "/pro-sante-connect/retour/"


@pytest.fixture(autouse=True)
def _at_the_web_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request of nobody sees no site, as in the product: the wall of the database is closed before each."""
    ask = Visitor.request

    def behind_the_wall(browser: Visitor, **request: Any) -> HttpResponse:
        close_scope()
        return ask(browser, **request)

    monkeypatch.setattr(Visitor, "request", behind_the_wall)


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with serving(StandIn([])) as provider:
        yield provider


@pytest.fixture
def stand_in(running: StandIn, settings: Any) -> StandIn:
    """The provider of this installation, honest until a test spoils it."""
    running.people.clear()
    running.called.clear()
    product._provider.cache_clear()
    settings.PUBLIC_URL = "https://retours.ehpad.example"
    settings.PSC_CLIENT_ID, settings.PSC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.PSC_ISSUER, settings.PSC_AUTHORIZATION_URL = running.issuer, f"{running.url}/auth"
    return running


@pytest.fixture
def recipient(house: House, stand_in: StandIn) -> Recipient:
    del stand_in
    return Recipient.objects.get(transmission=house.sent_letter())


@pytest.fixture
def phone(recipient: Recipient) -> Phone:
    return Phone(token_of(recipient))


@pytest.fixture
def gp(house: House, stand_in: StandIn) -> Person:
    person = Person(house.gp.rpps, str(house.gp))
    stand_in.people.append(person)
    return person


def sent_to_provider(browser: Visitor, path: str) -> dict[str, str]:
    """What the provider is asked when the button is pressed."""
    response = browser.get(path)
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def identify(browser: Visitor, path: str, person: Person, provider: StandIn) -> HttpResponse:
    """Press the button, be recognised there, come back."""
    asked = sent_to_provider(browser, path)
    answer = httpx2.post(f"{provider.url}/auth", data={**asked, "rpps": person.rpps})
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"https://retours.ehpad.example{RETURN}"
    return browser.get(f"{back.path}?{back.query}")


def page_after(browser: Phone, person: Person, provider: StandIn) -> str:
    response = identify(browser, f"{browser.path}identification/", person, provider)
    assert response["Location"] == browser.path
    return browser.page()


@contextmanager
def spoilt(provider: StandIn, name: str, spoil: Callable[..., Any]) -> Iterator[None]:
    honest = getattr(type(provider), name)
    setattr(provider, name, lambda *given: spoil(honest(provider, *given)))
    try:
        yield
    finally:
        delattr(provider, name)


def test_the_button_is_there_only_when_it_is_configured(phone: Phone, settings: Any) -> None:
    assert "S&#x27;identifier avec Pro Santé Connect" in escaped(phone.page())
    assert "S&#x27;identifier avec Pro Santé Connect" in escaped(Visitor().get("/connexion/").content.decode())
    settings.PSC_CLIENT_ID = ""
    assert "Pro Santé Connect" not in phone.page()
    assert "Pro Santé Connect" not in Visitor().get("/connexion/").content.decode()
    assert phone.get(f"{phone.path}identification/").status_code == 404
    assert phone.get(RETURN).status_code == 404


def escaped(page: str) -> str:
    return page.replace("'", "&#x27;")


def test_the_provider_is_asked_for_a_code_with_pkce_state_nonce_and_level(phone: Phone) -> None:
    first, second = (sent_to_provider(phone, f"{phone.path}identification/") for _ in range(2))
    assert first["response_type"] == "code"
    assert (first["scope"], first["acr_values"], first["code_challenge_method"]) == (
        "openid scope_all",
        "eidas1",
        "S256",
    )
    assert first["redirect_uri"] == f"https://retours.ehpad.example{RETURN}"
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert phone.token not in str(first)


def test_the_person_written_to_opens_the_page_and_his_answer_says_how(
    phone: Phone, gp: Person, stand_in: StandIn, house: House
) -> None:
    assert house.resident.display_name in page_after(phone, gp, stand_in)
    assert codes() == []
    opened = Entry.objects.get(action="answer_page_opened")
    assert (opened.details["by"], opened.details["rpps"], opened.resident) == (
        "pro_sante_connect",
        gp.rpps,
        house.resident,
    )
    phone.post(phone.path, {"tout": "1"})
    reply = Reply.objects.get()
    assert reply.proven_by == Reply.Proof.IDENTITY
    trace = Note.objects.filter(kind=Note.Kind.TRACE).first()
    assert trace
    words = read_mail(store.get(trace.blob)).body
    assert "après identification par Pro Santé Connect" in words
    assert "un code envoyé" not in words


def test_another_doctor_well_identified_opens_nothing_and_is_traced(
    phone: Phone, stand_in: StandIn, house: House
) -> None:
    stand_in.people.append(other := Person("10999999999", "Dr Autre"))
    page = page_after(phone, other, stand_in)
    assert "ce lien n&#x27;ouvre rien pour vous" in escaped(page)
    assert house.resident.birth_family not in page
    refused = Entry.objects.get(action="answer_identity_refused")
    assert (refused.details["rpps"], refused.resident) == (other.rpps, house.resident)
    assert not Entry.objects.filter(action="answer_page_opened").exists()


def test_a_colleague_of_the_home_does_not_open_the_page_of_the_gp(
    phone: Phone, stand_in: StandIn, house: House
) -> None:
    coordinating = Person(house.doctor.rpps, str(house.doctor))
    stand_in.people.append(coordinating)
    assert "ce lien n&#x27;ouvre rien pour vous" in escaped(page_after(phone, coordinating, stand_in))


def test_an_unknown_link_a_withdrawn_one_and_a_wrong_person_read_the_same(
    phone: Phone, stand_in: StandIn, gp: Person, house: House
) -> None:
    stand_in.people.append(other := Person("10999999999", "Dr Autre"))
    unknown = Phone("x" * 43)
    said = [refusal(page_after(each, other, stand_in)) for each in (phone, unknown)]
    do_withdraw_link(AnswerLink.objects.get(), user=house.secretary)
    said.append(refusal(page_after(phone, gp, stand_in)))
    assert len(set(said)) == 1


def refusal(page: str) -> str:
    return page[page.index('class="notes"') : page.index("</section>")].split("<form", maxsplit=1)[0]


SPOILT_CLAIMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a nonce that is not ours": lambda claims: {**claims, "nonce": "autre"},
    "no nonce": lambda claims: {name: claims[name] for name in claims if name != "nonce"},
    "a token for another client": lambda claims: {**claims, "aud": "autre", "azp": "autre"},
    "a token given to another client": lambda claims: {**claims, "aud": [CLIENT_ID, "autre"], "azp": "autre"},
    "another issuer": lambda claims: {**claims, "iss": "https://autre.example"},
    "an expired token": lambda claims: {**claims, "exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "no expiry": lambda claims: {name: claims[name] for name in claims if name != "exp"},
    "no level": lambda claims: {name: claims[name] for name in claims if name != "acr"},
    "too low a level": lambda claims: {**claims, "acr": "0"},
    "another subject than the person's": lambda claims: {**claims, "sub": "f:autre"},
}


@pytest.mark.parametrize("spoil", SPOILT_CLAIMS.values(), ids=SPOILT_CLAIMS)
def test_an_identity_token_that_is_not_right_in_everything_opens_nothing(
    spoil: Callable[..., Any], phone: Phone, gp: Person, stand_in: StandIn, house: House
) -> None:
    with spoilt(stand_in, "claims_of", spoil):
        page = page_after(phone, gp, stand_in)
    assert "n&#x27;a pas abouti" in escaped(page)
    assert house.resident.birth_family not in page
    assert Entry.objects.get(action="identification_refused").details["reason"] == "token_refused"


def test_a_token_signed_by_another_key_or_by_nobody_opens_nothing(
    phone: Phone, gp: Person, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = jwt.encode
    foreign = StandIn([]).keys[0]
    ours = {"kid": stand_in.keys[0].kid}
    forgeries: list[Callable[..., str]] = [
        lambda header, claims, _key: honest({**header, **ours}, claims, foreign),
        lambda _header, claims, _key: unsigned(claims),
        lambda _header, claims, _key: honest({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET)),
    ]
    for forged in forgeries:
        monkeypatch.setattr("liaison.demo.pro_sante_connect.provider.jwt.encode", forged)
        assert "n&#x27;a pas abouti" in escaped(page_after(phone, gp, stand_in))


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def test_keys_that_the_provider_changes_are_asked_for_again(phone: Phone, gp: Person, stand_in: StandIn) -> None:
    page_after(phone, gp, stand_in)
    page_after(phone, gp, stand_in)
    asked_once = stand_in.called.count(CERTS)
    stand_in.rotate()
    assert "Vous êtes bien identifié" not in page_after(Phone(phone.token), gp, stand_in)
    assert (asked_once, stand_in.called.count(CERTS)) == (1, 2)


CERTS = "GET /auth/realms/esante-wallet/protocol/openid-connect/certs"


def test_userinfo_may_be_a_signed_token(phone: Phone, gp: Person, stand_in: StandIn, house: House) -> None:
    def sign(answer: Any) -> Any:
        status, _, body = answer
        claims = json.loads(body)
        signed = jwt.encode({"alg": "RS256", "kid": stand_in.keys[0].kid}, claims, stand_in.keys[0])
        return status, {"Content-Type": "application/jwt"}, signed.encode()

    with spoilt(stand_in, "_userinfo", sign):
        assert house.resident.display_name in page_after(phone, gp, stand_in)


@pytest.mark.parametrize("number", ["010999999999", "5100000000000000", "", "8123", "8abcdefghijk"])
def test_a_person_known_by_another_number_than_an_rpps_opens_nothing(
    number: str, phone: Phone, gp: Person, stand_in: StandIn
) -> None:
    with spoilt(stand_in, "person_of", lambda person: {**person, "SubjectNameID": number}):
        assert "pas de numéro RPPS pour vous" in page_after(phone, gp, stand_in)


def test_what_comes_back_to_another_browser_or_with_another_state_ends_nothing(
    phone: Phone, gp: Person, stand_in: StandIn, house: House
) -> None:
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    code = stand_in.give_code(gp, asked)
    stranger = Visitor()
    assert stranger.get(f"{RETURN}?state={asked['state']}&code={code}")["Location"] == "/pro-sante-connect/echec/"
    assert "Rien n'est ouvert" in stranger.get("/pro-sante-connect/echec/").content.decode()
    phone.get(f"{RETURN}?state=autre&code={code}")
    assert house.resident.birth_family not in phone.page()
    assert stand_in.called == []


def test_a_round_ends_once_and_within_ten_minutes(
    phone: Phone, gp: Person, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    again = f"{RETURN}?state={asked['state']}&code={stand_in.give_code(gp, asked)}"
    phone.get(again)
    assert phone.get(again)["Location"] == "/pro-sante-connect/echec/"
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    monkeypatch.setattr(rounds, "LASTS_SECONDS", -1)
    late = f"{RETURN}?state={asked['state']}&code={stand_in.give_code(gp, asked)}"
    assert phone.get(late)["Location"] == "/pro-sante-connect/echec/"


def test_the_verifier_goes_with_the_code_so_that_a_stolen_code_is_worth_nothing(
    phone: Phone, gp: Person, stand_in: StandIn, house: House
) -> None:
    thief = Phone(phone.token)
    stolen = stand_in.give_code(gp, sent_to_provider(phone, f"{phone.path}identification/"))
    asked = sent_to_provider(thief, f"{thief.path}identification/")
    thief.get(f"{RETURN}?state={asked['state']}&code={stolen}")
    assert house.resident.birth_family not in thief.page()
    assert Entry.objects.get(action="identification_refused").details["reason"] == "code_refused"


def test_giving_up_is_said_and_nothing_is_asked_of_the_provider(phone: Phone, stand_in: StandIn) -> None:
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    phone.get(f"{RETURN}?state={asked['state']}&error=access_denied")
    assert "abandonnée" in phone.page()
    assert stand_in.called == []


def test_a_provider_that_does_not_answer_is_said_in_words(
    phone: Phone, gp: Person, stand_in: StandIn, settings: Any
) -> None:
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    settings.PSC_ISSUER = "http://127.0.0.1:9/auth/realms/esante-wallet"
    phone.get(f"{RETURN}?state={asked['state']}&code={stand_in.give_code(gp, asked)}")
    assert "n&#x27;a pas abouti" in escaped(phone.page())
    assert Entry.objects.get(action="identification_refused").details["reason"] == "provider_unreachable"


def test_after_too_many_failures_the_provider_is_not_called_for_this_link_any_more(
    phone: Phone, gp: Person, stand_in: StandIn
) -> None:
    stand_in.people.append(other := Person("10999999999", "Dr Autre"))
    for _ in range(MOST_FAILED_FOR_A_LINK):
        page_after(phone, other, stand_in)
    before = list(stand_in.called)
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    phone.get(f"{RETURN}?state={asked['state']}&code={stand_in.give_code(gp, asked)}")
    assert "attendez un peu" in phone.page()
    assert stand_in.called == before
    phone.ask()
    assert len(codes()) == 1


def test_after_too_many_failures_in_the_house_nobody_is_identified_for_a_while(
    phone: Phone, gp: Person, stand_in: StandIn, house: House
) -> None:
    Identification.objects.bulk_create(Identification(at=timezone.now()) for _ in range(MOST_FAILED_HERE))
    assert "attendez un peu" in page_after(phone, gp, stand_in)
    Identification.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert house.resident.display_name in page_after(phone, gp, stand_in)


def test_nothing_of_a_round_is_kept_by_the_server(phone: Phone, gp: Person, stand_in: StandIn) -> None:
    asked = sent_to_provider(phone, f"{phone.path}identification/")
    code = stand_in.give_code(gp, asked)
    phone.get(f"{RETURN}?state={asked['state']}&code={code}")
    session = str(dict(phone.session))
    journal = str([entry.details for entry in Entry.objects.all()])
    secrets = [phone.token, code, asked["state"], asked["nonce"], *stand_in.accesses]
    assert not any(secret in session or secret in journal for secret in secrets)
    assert rounds.COOKIE not in phone.cookies or phone.cookies[rounds.COOKIE].value == ""


def test_a_person_of_the_home_signs_in_to_the_account_that_bears_his_number(house: House, stand_in: StandIn) -> None:
    stand_in.people.append(doctor := Person(house.doctor.rpps, str(house.doctor)))
    browser = Visitor()
    assert identify(browser, "/connexion/pro-sante-connect/", doctor, stand_in)["Location"] == "/"
    assert str(house.doctor) in browser.get("/").content.decode()
    assert Entry.objects.get(action="signed_in", user=house.doctor).details["by"] == "pro_sante_connect"


def test_an_identity_without_an_account_gets_none(house: House, stand_in: StandIn, gp: Person) -> None:
    browser, before = Visitor(), User.objects.count()
    assert identify(browser, "/connexion/pro-sante-connect/", gp, stand_in)["Location"] == "/connexion/"
    assert "Aucun compte d&#x27;ici" in escaped(browser.get("/connexion/").content.decode())
    assert browser.get("/residents/").status_code == 302
    assert User.objects.count() == before
    assert Entry.objects.get(action="identification_refused").details["reason"] == "no_account"
    del house


def test_an_account_closed_or_shared_is_not_opened(house: House, stand_in: StandIn) -> None:
    stand_in.people.append(doctor := Person(house.doctor.rpps, str(house.doctor)))
    User.objects.filter(pk=house.doctor.pk).update(is_active=False)
    browser = Visitor()
    identify(browser, "/connexion/pro-sante-connect/", doctor, stand_in)
    assert "plus actif" in browser.get("/connexion/").content.decode()
    User.objects.filter(pk=house.doctor.pk).update(is_active=True)
    twin = factories.make_user(house.site, Role.COORDINATING_DOCTOR)
    User.objects.filter(pk=twin.pk).update(rpps=house.doctor.rpps)
    identify(browser, "/connexion/pro-sante-connect/", doctor, stand_in)
    assert "Plusieurs comptes" in browser.get("/connexion/").content.decode()
    assert browser.get("/residents/").status_code == 302
