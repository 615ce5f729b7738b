"""The screen of a document whose facts are read in words: each with its sentence, and two acts."""

import pytest
from django.test import Client
from django.urls import reverse

from liaison.apps.intake.models import Document
from liaison.apps.residents.models import RecordedAllergy
from liaison.apps.treatments.text_reading import do_read_text
from liaison.core.mail.values import Attachment
from tests.apps.test_read_facts import WORDS
from tests.apps.test_text_reading import a_pdf
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import patient_of, sending
from tests.web.conftest import see_every_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return make_desk()


@pytest.fixture
def bare(desk: Desk) -> Document:
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf(WORDS))
    found = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(found)
    return found


def page(client: Client, desk: Desk, path: str) -> str:
    client.force_login(desk.secretary)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def searched(client: Client, text: str) -> str:
    return client.post(reverse("search"), {"texte": text}).content.decode()


def test_what_is_read_is_shown_with_its_sentence_before_filing_and_offers_no_act(
    client: Client, desk: Desk, bare: Document
) -> None:
    shown = page(client, desk, f"/documents/{bare.uuid}/")
    assert "Lu dans le texte" in shown
    assert "Allergies : pénicilline (éruption)" in shown
    assert "<title>Allergie ou intolérance</title>" in shown
    assert "/retenir/" not in shown
    assert "style=" not in shown


def test_one_act_puts_it_in_the_record_and_says_so(client: Client, desk: Desk, bare: Document) -> None:
    desk.file(bare)
    fact = bare.proposed_facts.get(kind="allergy")
    client.force_login(desk.secretary)
    answer = client.post(reverse("fact-confirm", args=[bare.uuid, fact.pk]), follow=True)
    assert "Dans le dossier" in answer.content.decode()
    see_every_site()
    assert RecordedAllergy.objects.get().confirmed_by == desk.secretary
    assert "lu dans le texte, page 1" in page(client, desk, f"/residents/{desk.resident.uuid}/")


def test_one_act_dismisses_it(client: Client, desk: Desk, bare: Document) -> None:
    desk.file(bare)
    fact = bare.proposed_facts.get(kind="problem")
    client.force_login(desk.secretary)
    answer = client.post(reverse("fact-dismiss", args=[bare.uuid, fact.pk]), follow=True)
    assert "Non retenu" in answer.content.decode()


def test_the_record_says_what_waits_to_be_looked_at(client: Client, desk: Desk, bare: Document) -> None:
    desk.file(bare)
    shown = page(client, desk, f"/residents/{desk.resident.uuid}/")
    assert "6 informations lues dans le texte" in shown
    assert f'href="/documents/{bare.uuid}/#faits-titre"' in shown


def test_the_day_and_the_stay_of_a_bare_pdf_are_shown_everywhere_with_how_they_are_known(
    client: Client, desk: Desk, bare: Document
) -> None:
    desk.file(bare)
    document = page(client, desk, f"/documents/{bare.uuid}/")
    assert 'daté du 13/03/2026 <span class="quiet small">(lu dans le texte)</span>' in document
    assert "du 02/03/2026 au 12/03/2026" in document
    assert "<title>Date du document</title>" in document
    found = searched(client, "décompensation")
    assert "du 13/03/2026 (lu dans le texte)" in page(client, desk, "/?voir=tous")
    for shown in (page(client, desk, f"/residents/{desk.resident.uuid}/"), found):
        assert '13/03/2026 <span class="quiet small">(lu dans le texte)</span>' in shown
    assert "séjour du 02/03/2026 au 12/03/2026" in found


@pytest.mark.parametrize("asked", ["13/03/2026", "13 mars 2026"])
def test_a_bare_pdf_is_found_by_its_day_however_it_is_written(
    client: Client, desk: Desk, bare: Document, asked: str
) -> None:
    client.force_login(desk.secretary)
    assert f"/documents/{bare.uuid}/" in searched(client, asked)
    assert f"/documents/{bare.uuid}/" not in searched(client, "14/03/2026")


def test_a_fact_kept_leads_back_to_its_sentence(client: Client, desk: Desk, bare: Document) -> None:
    desk.file(bare)
    client.force_login(desk.secretary)
    for fact in bare.proposed_facts.exclude(kind="date"):
        client.post(reverse("fact-confirm", args=[bare.uuid, fact.pk]))
    record = page(client, desk, f"/residents/{desk.resident.uuid}/")
    document = page(client, desk, f"/documents/{bare.uuid}/")
    for fact in bare.proposed_facts.exclude(kind="date"):
        assert f'href="/documents/{bare.uuid}/#fait-{fact.pk}"' in record
        assert f'id="fait-{fact.pk}"' in document


def test_another_house_finds_nothing_at_the_address(client: Client, bare: Document) -> None:
    fact = bare.proposed_facts.all()[0]
    client.force_login(make_desk().secretary)
    for name in ("fact-confirm", "fact-dismiss"):
        assert client.post(reverse(name, args=[bare.uuid, fact.pk])).status_code == 404
