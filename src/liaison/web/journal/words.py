"""The acts of the journal in French. An act without words here is shown under its code: nothing is hidden."""

from collections.abc import Callable
from typing import Any

from liaison.apps.audit.models import Entry
from liaison.apps.treatments.models import Decision
from liaison.web import words

ACTIONS = {
    "absence_begun": "Départ à l'hôpital",
    "absence_ended": "Retour de l'hôpital",
    "absence_withdrawn": "Départ à l'hôpital retiré (noté par erreur)",
    "address_back": "Adresse revenue dans l'annuaire",
    "address_changed": "Adresse passée à quelqu'un d'autre",
    "address_confirmed": "Adresse confirmée par une personne",
    "address_preferred": "Adresse préférée choisie",
    "address_vanished": "Adresse disparue de l'annuaire",
    "administrative_message_refused": "Message du logiciel de l'établissement refusé",
    "administrative_message_taken": "Message du logiciel de l'établissement pris en compte",
    "allergy_confirmed": "Allergie confirmée",
    "allergy_refused": "Allergie non retenue",
    "allow_list_refused": "Liste blanche refusée",
    "allow_list_taken": "Liste blanche mise en service",
    "answer_confirmed": "Accusé confirmé par une personne",
    "answer_dropped": "Accusé non envoyé, par une personne",
    "answer_held": "Accusé à confirmer",
    "answer_postponed": "Réponse à l'expéditeur reportée",
    "answer_prepared": "Réponse à l'expéditeur préparée",
    "answer_refused": "Réponse à l'expéditeur refusée par le serveur",
    "answer_sent": "Réponse à l'expéditeur envoyée",
    "answer_undelivered": "Réponse à l'expéditeur non remise",
    "automatic_filing_chosen": "Intégration automatique réglée",
    "call_recorded": "Appel noté",
    "cancellation_accepted": "Annulation acceptée",
    "cancellation_asked": "Annulation demandée par l'expéditeur",
    "cancellation_refused": "Annulation refusée",
    "care_team_added": "Professionnel ajouté à l'équipe",
    "care_team_removed": "Professionnel retiré de l'équipe",
    "care_team_replaced": "Médecin traitant remplacé",
    "care_team_role_changed": "Rôle d'un professionnel changé",
    "correction_told": "Destinataire prévenu d'un retrait",
    "delivery_confirmed": "Arrivée confirmée par une personne",
    "directory_imported": "Annuaire mis en service",
    "directory_refused": "Annuaire refusé",
    "directory_updated": "Annuaire mis à jour par l'API",
    "document_filed": "Document intégré au dossier",
    "document_replaced": "Document remplacé par une version plus récente",
    "document_sent_back": "Document renvoyé à l'expéditeur",
    "document_set_aside": "Document écarté",
    "document_stands_again": "Version précédente rétablie",
    "document_taken_up": "Document écarté repris",
    "document_unfiled": "Document retiré du dossier",
    "domains_trusted": "Domaines de confiance ajoutés",
    "downloaded": "Original téléchargé",
    "duplicate_linked": "Doublon reconnu",
    "follow_up_rules_set": "Relances réglées",
    "identity_changed": "Identité changée",
    "identity_proposed": "Rapprochement d'identité proposé",
    "incident_closed": "Incident clos",
    "incident_opened": "Incident de fonctionnement",
    "letter_asked": "Lettre demandée à l'hôpital",
    "letter_awaited": "Lettre de nouveau attendue",
    "letter_posted": "Lettre postée",
    "letter_settled": "Lettre plus attendue",
    "letter_written": "Lettre imprimée préparée",
    "line_decided": "Traitement décidé",
    "mailbox_access_renewed": "Accès à une boîte renouvelé",
    "mailbox_failing": "Boîte en panne",
    "mailbox_opened": "Boîte ouverte",
    "merge_undone": "Fusion de dossiers annulée",
    "message_handled": "Message marqué comme traité",
    "message_read": "Message lu par le logiciel",
    "message_received": "Message reçu",
    "message_renumbered": "Message renuméroté par le serveur",
    "message_reopened": "Message rouvert",
    "missing_asked": "Complément demandé à l'expéditeur",
    "newer_version_noted": "Nouvelle version reconnue",
    "obsolete_version_noted": "Version obsolète reconnue",
    "operator_added": "Opérateur ajouté",
    "opposition_lifted": "Opposition levée",
    "opposition_recorded": "Opposition notée",
    "professional_absence_cancelled": "Absence d'un professionnel annulée",
    "professional_absence_recorded": "Absence d'un professionnel notée",
    "professional_added": "Professionnel ajouté",
    "professional_adopted": "Professionnel pris dans l'annuaire",
    "professional_declared": "Professionnel déclaré",
    "reading_asked": "Nouvelle lecture demandée",
    "reading_failed": "Lecture en échec",
    "receipt_attached": "Accusé reçu",
    "receipt_unmatched": "Accusé reçu, sans envoi connu",
    "recipient_address_settled": "Adresse vérifiée, envoi repris",
    "recipient_failed": "Envoi en échec",
    "recipient_held": "Envoi retenu : adresse à vérifier",
    "recipient_in_doubt": "Envoi à vérifier",
    "recipient_postponed": "Envoi reporté",
    "recipient_reminded": "Rappel envoyé",
    "recipient_resent": "Envoi relancé",
    "recipient_sent": "Envoyé",
    "recipient_sent_elsewhere": "Envoyé à une autre adresse",
    "recipient_to_join_otherwise": "À joindre autrement",
    "reconciliation_opened": "Conciliation ouverte",
    "reply_attached": "Réponse d'un médecin reçue",
    "reply_handled": "Réponse marquée comme traitée",
    "resident_placed": "Chambre ou présence mise à jour",
    "resident_registered": "Résident enregistré",
    "residents_imported": "Résidents importés d'un fichier",
    "residents_merged": "Dossiers fusionnés",
    "return_announced": "Retour annoncé",
    "revocation_list_changed": "Liste des certificats révoqués mise à jour",
    "searched": "Recherche faite",
    "signed_in": "Connexion",
    "signed_out": "Déconnexion",
    "site_added": "Établissement ajouté",
    "task_completed": "Suite faite",
    "task_put_off": "Suite remise à plus tard",
    "task_reopened": "Suite de nouveau à faire",
    "transmission_prepared": "Envoi préparé",
    "treatment_taken_over": "Traitement en cours repris",
    "user_added": "Personne ajoutée",
    "version_conflict_noted": "Même identifiant, autre contenu",
    "version_refused": "Remplacement ou annulation non recevable",
    "viewed": "Consulté",
}
SUBJECTS = {
    "absence": "absence",
    "administrativemessage": "message du logiciel de l'établissement",
    "answer": "réponse à l'expéditeur",
    "call": "appel",
    "careteamchange": "équipe de soins",
    "document": "document",
    "edition": "fichier national",
    "followuprules": "relances",
    "followuptask": "suite à donner",
    "incident": "incident",
    "note": "courriel",
    "opposition": "opposition",
    "professional": "professionnel",
    "professionaladdress": "adresse",
    "rawmessage": "message",
    "recipient": "destinataire",
    "reconciliation": "conciliation",
    "recordedallergy": "allergie",
    "reply": "réponse",
    "resident": "dossier",
    "residentmerge": "fusion de dossiers",
    "transmission": "envoi",
}
REPORTS = {"delivered": "remis", "displayed": "lu", "processed": "intégré", "failed": "non remis", "delayed": "retardé"}


def action(entry: Entry) -> str:
    return ACTIONS.get(entry.action, entry.action)


def subject(entry: Entry) -> str:
    return SUBJECTS.get(entry.subject_type, entry.subject_type)


def details(entry: Entry) -> str:
    """The few details that help a reader, in words: rule, line, verdict, count, receipt."""
    said = [_DETAILS[name](value) for name, value in entry.details.items() if name in _DETAILS and value]
    return ", ".join(part for part in said if part)


def _verdict(value: Any) -> str:
    return str(dict(Decision.Verdict.choices).get(str(value), value))


_DETAILS: dict[str, Callable[[Any], str]] = {
    "rule": lambda value: f"règle {value}",
    "line": lambda value: f"ligne {value}",
    "lines": lambda value: words.count(int(value), "ligne"),
    "verdict": _verdict,
    "recipients": lambda value: words.count(len(value), "destinataire") if isinstance(value, list) else "",
    "report": lambda value: REPORTS.get(str(value), str(value)),
    "error_code": lambda value: f"code {value}",
    "attempts": lambda value: f"essai {value}",
    "shown": lambda value: words.count(int(value), "résultat montré", "résultats montrés"),
}
