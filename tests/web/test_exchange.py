"""A filed letter is sent on, followed, answered and decided; the journal tells all of it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.treatments.models import Decision, Reconciliation
from tests.support import factories
from tests.web.conftest import House, Visitor, visitor


def decide_address(reconciliation: Reconciliation) -> str:
    return reverse("reconciliation", args=[reconciliation.uuid])


def reconciliation_of(house: House) -> Reconciliation:
    house.filed_letter(with_pdf=False)
    return Reconciliation.objects.get(resident=house.resident)


def numbers(reconciliation: Reconciliation) -> dict[str, int]:
    return {line.status: line.number for line in reconciliation.lines.all()}


def test_the_care_team_is_ticked_and_what_will_be_sent_is_shown(house: House, secretary: Visitor) -> None:
    document = house.filed_letter()
    page = secretary.get(reverse("send", args=[document.uuid])).content.decode()
    assert f'id="pro-{house.gp.uuid}" checked' in page
    assert "IHE_XDM.zip" in page
    assert "Pour répondre, il suffit de répondre à ce message" in page
    assert not Transmission.objects.exists()


def test_sending_goes_to_those_ticked_and_shows_the_transmission(house: House, secretary: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    other = factories.make_professional("Cardiologie")
    form = {"bal": str(house.mailbox.uuid), "destinataires": [str(house.gp.uuid), str(other.uuid)], "note": "Merci"}
    response = secretary.post(reverse("send", args=[document.uuid]), form)
    transmission = Transmission.objects.get()
    assert response.headers["Location"] == reverse("transmission", args=[transmission.uuid])
    assert {recipient.professional for recipient in transmission.recipients.all()} == {house.gp, other}
    page = secretary.get(response.headers["Location"]).content.decode()
    assert "Préparé" in page
    assert "Merci" in page


def test_a_sending_is_looked_at_by_itself_while_it_leaves_without_a_trace_more(
    house: House, secretary: Visitor
) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    address = reverse("transmission", args=[recipient.transmission.uuid])
    assert f'hx-get="{address}"' in secretary.get(address).content.decode()
    seen = Entry.objects.filter(action="viewed").count()
    assert f'id="etapes-{recipient.uuid}"' in secretary.get(address, headers={"HX-Request": "true"}).content.decode()
    assert Entry.objects.filter(action="viewed").count() == seen
    Recipient.objects.filter(pk=recipient.pk).update(state="delivered", delivered_at=timezone.now())
    assert "hx-get" not in secretary.get(address).content.decode()


def test_sending_to_nobody_is_said_and_sends_nothing(house: House, secretary: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    page = secretary.post(reverse("send", args=[document.uuid]), {"bal": str(house.mailbox.uuid)}).content.decode()
    assert "Choisissez au moins un destinataire." in page
    assert f'id="pro-{house.gp.uuid}" checked' not in page
    assert not Transmission.objects.exists()


def test_another_professional_is_found_and_what_was_ticked_stays(house: House, secretary: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    first, second = factories.make_professional("Cardiologie"), factories.make_professional("Néphrologie")
    typed = {"texte": "néphro", "destinataires": [str(first.uuid)]}
    found = secretary.post(
        reverse("send-search", args=[document.uuid]), typed, headers={"HX-Request": "true"}
    ).content.decode()
    assert f'id="pro-{first.uuid}" checked' in found
    assert f'id="pro-{second.uuid}"' in found
    assert f'id="pro-{second.uuid}" checked' not in found


def test_a_mailbox_i_do_not_hold_is_no_choice(house: House, secretary: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    other = factories.make_mailbox(house.site, house.doctor)
    form = {"bal": str(other.uuid), "destinataires": [str(house.gp.uuid)]}
    assert secretary.post(reverse("send", args=[document.uuid]), form).status_code == 200
    assert not Transmission.objects.exists()


def test_a_doubt_is_resolved_by_a_person(house: House, secretary: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    recipient.state, recipient.in_doubt_at = Recipient.State.IN_DOUBT, timezone.now()
    recipient.save()
    assert "À vérifier" in secretary.get("/suivi/?voir=verifier").content.decode()
    assert "1 envoi<" not in secretary.get("/suivi/?voir=attente").content.decode()
    page = secretary.post(reverse("recipient-delivered", args=[recipient.uuid]), follow=True).content.decode()
    assert "le message est bien arrivé" in page
    recipient.refresh_from_db()
    assert recipient.state == Recipient.State.DELIVERED


def test_a_failed_sending_is_given_again(house: House, secretary: Visitor) -> None:
    recipient = Recipient.objects.get(transmission=house.sent_letter())
    recipient.state, recipient.failed_at = Recipient.State.FAILED, timezone.now()
    recipient.save()
    secretary.post(reverse("recipient-resend", args=[recipient.uuid]))
    recipient.refresh_from_db()
    assert recipient.state == Recipient.State.PREPARED


def test_the_follow_up_says_each_step_and_its_live_part_is_what_a_reload_shows(
    house: House, secretary: Visitor
) -> None:
    house.answered_letter("Je passe la voir jeudi.")
    whole = secretary.get("/suivi/").content.decode()
    part = secretary.get("/suivi/", headers={"HX-Request": "true"}).content.decode()
    assert without_tokens(part).strip() in without_tokens(whole)
    assert "Je passe la voir jeudi." in whole
    assert "Annonce une visite" in whole
    assert "Répondu" in whole


def without_tokens(page: str) -> str:
    return "\n".join(line for line in page.split("\n") if "csrfmiddlewaretoken" not in line)


def test_a_reply_is_marked_as_handled(house: House, secretary: Visitor) -> None:
    reply = house.answered_letter()
    page = secretary.post(reverse("reply-handled", args=[reply.uuid]), follow=True).content.decode()
    assert "La réponse est marquée comme traitée." in page
    assert "Aucune réponse n'attend." in page


def test_the_comparison_counts_its_lines_and_shows_before_and_letter(house: House, doctor: Visitor) -> None:
    page = doctor.get(decide_address(reconciliation_of(house))).content.decode()
    assert "3 lignes dans la lettre, 3 affichées." in page
    assert "AMLODIPINE 10 mg" in page
    assert "AMLODIPINE 5 mg" in page
    assert "À risque : anticoagulants" in page
    assert "Modifié" in page


def test_only_a_prescriber_decides_and_the_others_are_told_why(house: House) -> None:
    reconciliation = reconciliation_of(house)
    for person in (house.secretary, house.nurse):
        browser = visitor(person)
        page = browser.get(decide_address(reconciliation)).content.decode()
        assert "Lecture seule" in page
        assert "Enregistrer mes décisions" not in page
        refused = browser.post(decide_address(reconciliation), {"ligne-1-verdict": "accept"}).content.decode()
        assert "Seul un médecin de l&#x27;établissement" in refused
    assert not Decision.objects.exists()


def test_a_doctor_decides_some_lines_and_the_others_wait(house: House, doctor: Visitor) -> None:
    reconciliation = reconciliation_of(house)
    line = numbers(reconciliation)["modified"]
    form = {
        f"ligne-{line}-verdict": "change",
        f"ligne-{line}-dose": "7,5 mg",
        f"ligne-{line}-motif": "Tension basse",
    }
    page = doctor.post(decide_address(reconciliation), form, follow=True).content.decode()
    assert "Décisions enregistrées" in page
    assert str(house.doctor) in page
    decision = Decision.objects.get()
    assert (decision.dose, decision.reason, decision.prescriber_rpps) == ("7,5 mg", "Tension basse", house.doctor.rpps)
    reconciliation.refresh_from_db()
    assert reconciliation.state == Reconciliation.State.PARTIAL


@pytest.mark.parametrize("form", [{}, {"ligne-1-verdict": "change"}], ids=["nothing chosen", "a change without words"])
def test_an_incomplete_decision_is_refused_and_keeps_what_was_typed(
    house: House, doctor: Visitor, form: dict[str, str]
) -> None:
    reconciliation = reconciliation_of(house)
    page = doctor.post(decide_address(reconciliation), {**form, "ligne-1-motif": "Mes mots"}).content.decode()
    assert "Refusé" in page
    assert "Mes mots" in page
    assert not Decision.objects.exists()


def test_an_answer_fills_the_choices_and_only_the_prescriber_applies_them(house: House, doctor: Visitor) -> None:
    reply = house.answered_letter("D'accord pour tout.")
    reconciliation = reply.recipient.transmission.reconciliation
    page = doctor.get(decide_address(reconciliation), {"reponse": str(reply.uuid)}).content.decode()
    assert page.count('value="accept"') == 3
    assert page.count('checked><label for="id_ligne-') == 3
    assert "3 lignes remplies selon cette réponse sur 3" in page
    assert not Decision.objects.exists()
    form = {f"ligne-{number}-verdict": "accept" for number in (1, 2, 3)} | {"reponse": str(reply.uuid)}
    doctor.post(decide_address(reconciliation), form)
    assert {decision.on_answer for decision in Decision.objects.all()} == {reply}
    reconciliation.refresh_from_db()
    assert reconciliation.state == Reconciliation.State.DECIDED


def test_an_answer_that_is_not_understood_fills_nothing(house: House, doctor: Visitor) -> None:
    reply = house.answered_letter("Il faudrait peut-être en reparler, je ne sais pas.")
    address = decide_address(reply.recipient.transmission.reconciliation)
    page = doctor.get(address, {"reponse": str(reply.uuid)}).content.decode()
    assert "0 ligne remplie selon cette réponse" in page
    assert page.count(' value="" ') >= 3


def test_what_one_doctor_says_of_a_line_stands_beside_it_in_his_words(house: House, doctor: Visitor) -> None:
    reply = house.answered_letter("1 : d'accord\n2 : arrêter")
    page = doctor.get(decide_address(reply.recipient.transmission.reconciliation)).content.decode()
    assert "« 2 : arrêter »" in page.replace("&#x27;", "'")
    assert "Arrêter</span>" in page


def test_the_journal_tells_the_acts_in_french_with_their_number_and_hash(house: House, secretary: Visitor) -> None:
    house.answered_letter()
    page = secretary.get(reverse("journal", args=[house.resident.uuid])).content.decode()
    for words in ("Document intégré au dossier", "règle 1", "Envoi préparé", "Réponse d&#x27;un médecin reçue"):
        assert words in page
    entry = house.resident.audit_entries.get(action="document_filed")
    assert entry.hash[:12] in page
    assert str(house.secretary) in page


def test_a_message_is_handled_and_reopened(house: House, secretary: Visitor) -> None:
    message = house.letter(with_pdf=False).message
    secretary.post(reverse("message-handled", args=[message.uuid]))
    message.refresh_from_db()
    assert message.handled_by == house.secretary
    page = secretary.post(reverse("message-reopen", args=[message.uuid]), follow=True).content.decode()
    assert "de nouveau à traiter" in page
    again = secretary.post(reverse("message-reopen", args=[message.uuid]), follow=True).content.decode()
    assert "Ce message est déjà à traiter." in again
