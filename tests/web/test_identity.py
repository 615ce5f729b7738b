"""The screens of an identity: corrected with what was checked, taken in, compared with other homes, handed over."""

from dataclasses import replace

from django.urls import reverse

from liaison.apps.filing.hand_over import do_receive_hand_over
from liaison.apps.filing.models import HandOver
from liaison.apps.intake.pipeline import do_read
from liaison.apps.organisations.models import Membership, Role
from liaison.apps.residents.models import Resident
from tests.support import factories
from tests.web import letters
from tests.web.conftest import House, Visitor, make_house, visitor

WRITTEN = {
    "nom_naissance": "LEFEBVRE",
    "premier_prenom": "SUZANNE",
    "prenoms_naissance": "SUZANNE MARIE",
    "date_naissance": "12/04/1938",
    "sexe": "F",
    "lieu_naissance": "51454",
    "piece": "cni",
    "motif": "Carte d'identité vue à l'entrée",
}


def test_an_identity_is_corrected_with_what_was_seen_and_its_past_is_shown(house: House, secretary: Visitor) -> None:
    address = reverse("resident-identity", args=[house.resident.uuid])
    assert 'value="LEFÈVRE"' in secretary.get(address).content.decode()
    page = secretary.post(address, WRITTEN, follow=True).content.decode()
    house.resident.refresh_from_db()
    assert (house.resident.birth_family, house.resident.ins_status, house.resident.ins) == ("LEFEBVRE", "VALI", "")
    assert "Nom de naissance : LEFÈVRE → LEFEBVRE" in page
    assert "vu : Carte nationale d&#x27;identité" in page
    assert "Corriger l'identité" in page


def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_written(house: House, secretary: Visitor) -> None:
    address = reverse("resident-identity", args=[house.resident.uuid])
    wrong = {**WRITTEN, "date_naissance": "31/02/1938", "lieu_naissance": "REIMS", "motif": ""}
    page = secretary.post(address, wrong).content.decode()
    assert "Ce n&#x27;est pas une date" in page
    assert "Le code INSEE a cinq caractères" in page
    house.resident.refresh_from_db()
    assert house.resident.birth_family == "LEFÈVRE"
    refused = secretary.post(address, {**WRITTEN, "matricule": "238045145412300"}).content.decode()
    assert "matricule INS est faux" in refused


def test_a_nurse_sees_the_past_of_an_identity_and_corrects_nothing(house: House, nurse: Visitor) -> None:
    address = reverse("resident-identity", args=[house.resident.uuid])
    page = nurse.get(address).content.decode()
    assert "Enregistrer l'identité" not in page
    assert "Cette identité n'a jamais changé ici." in page
    nurse.post(address, WRITTEN)
    house.resident.refresh_from_db()
    assert house.resident.birth_family == "LEFÈVRE"


def test_a_new_resident_is_taken_in_from_the_list(house: House, secretary: Visitor, nurse: Visitor) -> None:
    assert reverse("resident-new") in secretary.get(reverse("residents")).content.decode()
    assert reverse("resident-new") not in nurse.get(reverse("residents")).content.decode()
    written = {**WRITTEN, "nom_naissance": "MOREAU", "etablissement": str(house.site.uuid), "chambre": "7", "piece": ""}
    page = secretary.post(reverse("resident-new"), written, follow=True).content.decode()
    taken = Resident.objects.get(site=house.site, birth_family="MOREAU")
    assert (taken.ins_status, taken.room) == ("PROV", "7")
    assert "Le résident est enregistré" in page
    again = secretary.post(reverse("resident-new"), written).content.decode()
    assert "c&#x27;est une autre personne" in again
    assert "médecin coordonnateur" in nurse.get(reverse("resident-new")).content.decode()
    elsewhere = {**written, "nom_naissance": "PETIT", "etablissement": str(factories.make_site().uuid)}
    assert secretary.post(reverse("resident-new"), elsewhere).status_code == 404


def test_a_resident_recognised_by_a_former_name_is_a_candidate_and_says_so(house: House, secretary: Visitor) -> None:
    claim = replace(letters.without_ins(letters.patient_of_resident(house.resident)), birth_date="1938-04-12")
    secretary.post(reverse("resident-identity", args=[house.resident.uuid]), {**WRITTEN, "nom_naissance": "PETIT"})
    raw = letters.hospital_message(claim, recipient=house.mailbox.address, with_pdf=False)
    document = house.receive(raw).documents.get()
    page = secretary.get(reverse("document", args=[document.uuid])).content.decode()
    assert "PETIT SUZANNE" in page
    assert "sous une identité antérieure" in page


def test_homonyms_are_marked_wherever_a_resident_is_chosen(house: House, secretary: Visitor) -> None:
    factories.make_resident(house.site, birth_date="1950-01-01", ins="", ins_status="PROV")
    document = house.letter(with_pdf=False)
    page = secretary.get(reverse("document", args=[document.uuid])).content.decode()
    assert "Un autre résident porte les mêmes nom et prénom." in page
    assert page.count(">homonyme<") >= 2
    for address in (reverse("residents"), reverse("resident", args=[house.resident.uuid])):
        assert ">homonyme<" in secretary.get(address).content.decode()
    found = secretary.post(reverse("document-search", args=[document.uuid]), {"texte": "lefe"}).content.decode()
    assert ">homonyme<" in found[found.index("residents-trouves") :]


def letter_for(other: House, house: House) -> str:
    patient = letters.patient_of_resident(other.resident)
    raw = letters.hospital_message(patient, recipient=house.mailbox.address, with_pdf=False)
    return str(house.receive(raw).documents.get().uuid)


def other_house() -> House:
    other = make_house()
    Resident.objects.filter(pk=other.resident.pk).update(birth_family="MOREAU")
    other.resident.refresh_from_db()
    from liaison.apps.residents.names import write_names

    write_names(other.resident)
    return other


def test_a_resident_of_another_home_is_named_to_those_only_who_work_there(house: House, secretary: Visitor) -> None:
    other = other_house()
    uuid = letter_for(other, house)
    page = secretary.get(reverse("document", args=[uuid])).content.decode()
    assert "Dans un autre établissement du groupe" not in page
    Membership.objects.create(user=house.secretary, site=other.site, role=Role.SECRETARY)
    page = visitor(house.secretary).get(reverse("document", args=[uuid])).content.decode()
    assert "Dans un autre établissement du groupe" in page
    assert f"Intégrer au dossier de {other.resident.display_name}" not in page


def test_a_document_is_handed_over_from_its_screen_and_found_there_with_the_reason(
    house: House, secretary: Visitor
) -> None:
    other = other_house()
    uuid = letter_for(other, house)
    address = reverse("document-hand-over", args=[uuid])
    assert "dites pourquoi" in secretary.post(address, {"motif": ""}, follow=True).content.decode()
    asked = {"etablissement": str(other.site.uuid), "motif": "Leur résidente"}
    page = secretary.post(address, asked, follow=True).content.decode()
    assert "Message remis à" in page
    assert "Leur résidente. En cours de remise." in page
    do_receive_hand_over(HandOver.objects.get())
    do_read(other.mailbox.raw_messages.get())
    inbox = visitor(other.secretary).get(reverse("inbox")).content.decode()
    assert f"Remis par {house.secretary}" in inbox
    assert "Leur résidente" in inbox


def test_a_nurse_hands_nothing_over(house: House, nurse: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    nurse.post(
        reverse("document-hand-over", args=[document.uuid]), {"etablissement": str(house.site.uuid), "motif": "x"}
    )
    assert not HandOver.objects.exists()


def test_a_homonym_is_put_before_a_person_with_whom_and_what_to_do(house: House, secretary: Visitor) -> None:
    other = factories.make_resident(house.site, ins="", ins_status="PROV", birth_date="1941-01-02")
    page = secretary.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert "par les mêmes nom et prénom" in page
    assert "rien à faire. La même personne" in page
    assert f"{reverse('resident-identity', args=[house.resident.uuid])}#id_homonyme" in page
    assert (
        'id="id_homonyme"' in secretary.get(reverse("resident-identity", args=[house.resident.uuid])).content.decode()
    )
    assert reverse("resident", args=[other.uuid]) in page
    assert reverse("resident-merge", args=[house.resident.uuid]) in page
