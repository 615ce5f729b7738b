"""The screens of a letter that codes nothing: what was read in its words is shown with its sentence and its place."""

import re

import pytest
from django.test import Client

from liaison.apps.audit.models import Entry
from liaison.apps.intake.models import Document
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.treatments.preparation import Preparation, do_prepare_lines
from liaison.apps.treatments.text_reading import do_read_text
from liaison.core.mail.values import Attachment
from tests.apps.test_text_reading import a_pdf
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import drug, patient_of, sending
from tests.web.conftest import see_every_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return make_desk()


@pytest.fixture
def bare(desk: Desk) -> Document:
    attachment = Attachment("cr.pdf", "application/pdf", a_pdf())
    found = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(found)
    return found


def page(client: Client, desk: Desk, path: str) -> str:
    client.force_login(desk.secretary)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_words_read_are_highlighted_on_the_picture_of_the_page(client: Client, desk: Desk, bare: Document) -> None:
    shown = page(client, desk, f"/documents/{bare.uuid}/")
    assert "Traitements lus dans le texte" in shown
    assert "« KARDEGIC 75 mg : 1 sachet le midi »" in shown
    assert "deviné : place dans le traitement déduite du texte" in shown
    (first, *_) = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', shown)
    assert all(0 < float(number) < 1 for number in first)
    assert "style=" not in shown


def test_the_comparison_says_what_is_read_and_accounts_for_each_line(
    client: Client, desk: Desk, bare: Document
) -> None:
    factories.take(desk.resident, "FUROSEMIDE 40 mg", dose="1 cp", frequency="le matin")
    desk.file(bare)
    shown = page(client, desk, f"/conciliations/{bare.reconciliations.get().uuid}/")
    assert "3 lignes dans la lettre, 3 affichées" in shown
    assert "1 ligne, 1 affichée" in shown
    assert "lu dans le texte" in shown
    assert "codé dans la lettre" not in shown


def test_a_replaced_drug_and_its_replacement_point_at_each_other(client: Client, desk: Desk) -> None:
    factories.take(desk.resident, "PREVISCAN 20 mg", dose="1 cp", frequency="le soir")
    found = desk.reconciliation(at_discharge=(drug("ELIQUIS 5 mg"),), stopped=(drug("PREVISCAN 20 mg"),))
    assert [(line.status, line.pair_number) for line in found.lines.all()] == [("stopped", 2), ("started", 1)]
    shown = page(client, desk, f"/conciliations/{found.uuid}/")
    assert "Remplacé par la ligne 2" in shown
    assert "Remplace la ligne 1" in shown


def test_the_secretary_prepares_the_lines_and_nothing_is_decided(client: Client, desk: Desk) -> None:
    factories.take(desk.resident, "AMLODIPINE 10 mg", dose="1 cp", frequency="le matin")
    found = desk.reconciliation(at_discharge=(drug("AMLODIPINE 5 mg"),))
    client.force_login(desk.secretary)
    client.post(
        f"/conciliations/{found.uuid}/preparer/",
        {
            "preparation-1-divergence": "10000004",
            "preparation-1-type": "10000001",
            "preparation-1-gravite": "10000002",
            "preparation-1-remarque": "À vérifier avec le service",
        },
    )
    see_every_site()
    line = found.lines.get()
    assert (line.get_discrepancy_display(), line.gravity) == ("Divergence non intentionnelle", "10000002")
    assert (line.prepared_by, line.remark) == (desk.secretary, "À vérifier avec le service")
    assert not line.decisions.exists()
    assert Entry.objects.filter(action="lines_prepared", user=desk.secretary).count() == 1


def test_a_nurse_prepares_nothing_and_no_code_is_invented(desk: Desk) -> None:
    found = desk.reconciliation(at_discharge=(drug("AMLODIPINE 5 mg"),))
    with pytest.raises(NotAllowed):
        do_prepare_lines(found, user=desk.nurse, said=[Preparation(1, remark="non")])
    with pytest.raises(NotPossible):
        do_prepare_lines(found, user=desk.secretary, said=[Preparation(1, gravity="99")])
