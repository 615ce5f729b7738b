"""The mailboxes (BAL) of the homes: where they are, who holds them, how far they were read."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.organisations.models import Site, User


class Operator(models.Model):
    """An MSSanté operator: its servers, and the only authority trusted for their certificates (ECO.1.1.10)."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", "STARTTLS"
        TLS = "tls", "TLS implicite"

    name = models.CharField("nom", max_length=100, unique=True)
    imap_host = models.CharField(max_length=253)
    imap_port = models.PositiveIntegerField()
    smtp_host = models.CharField(max_length=253)
    smtp_port = models.PositiveIntegerField()
    security = models.CharField(max_length=10, choices=Security.choices, default=Security.STARTTLS)
    authority_file = models.CharField("fichier PEM de l'autorité de certification", max_length=500)
    revocation_url = models.URLField("liste des certificats révoqués (CRL)", max_length=500, blank=True)
    revocation_list = models.BinaryField("dernière bonne liste, PEM", default=b"")
    revocation_checked_at = models.DateTimeField("liste vérifiée le", null=True)
    revocation_problem = models.CharField("dernière anomalie de la liste", max_length=300, blank=True)
    token_url = models.URLField("adresse des jetons (OAuth 2.0)", max_length=500, blank=True)
    token_client = models.CharField("identifiant de client OAuth", max_length=200, blank=True)
    sealed_token_secret = models.BinaryField("secret de client OAuth chiffré", default=b"")

    def __str__(self) -> str:
        return self.name


class Mailbox(models.Model):
    """One mailbox of a site. The cursor is (``uid_validity``, ``last_uid``); the server's flags are never our state."""

    class Kind(models.TextChoices):
        PERSONAL = "PER", "personnelle"
        ORGANISATIONAL = "ORG", "organisationnelle"
        APPLICATION = "APP", "applicative"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="mailboxes")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="mailboxes")
    kind = models.CharField("type", max_length=3, choices=Kind.choices)
    address = models.EmailField("adresse", unique=True)
    label = models.CharField("libellé", max_length=200)
    certificate_file = models.CharField("certificat client (PEM)", max_length=500, blank=True)
    key_file = models.CharField("clé du certificat client (PEM)", max_length=500, blank=True)
    sealed_password = models.BinaryField("mot de passe chiffré", default=b"")
    sealed_refresh_token = models.BinaryField("jeton de renouvellement chiffré (XOAUTH2)", default=b"")
    holders = models.ManyToManyField(User, related_name="mailboxes", verbose_name="titulaires")
    active = models.BooleanField("relevée", default=True)
    purge_after_days = models.PositiveSmallIntegerField("effacés chez l'opérateur après (jours)", null=True)

    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    server_count = models.PositiveIntegerField("messages sur le serveur", default=0)
    polled_at = models.DateTimeField("dernière relève", null=True)
    failing_since = models.DateTimeField("en panne depuis", null=True)
    failure = models.CharField("dernière erreur", max_length=300, blank=True)
    failures = models.PositiveIntegerField("échecs d'affilée", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", null=True)
    watcher = models.UUIDField("processus de relève", null=True)
    watched_until = models.DateTimeField("relève tenue jusqu'à", null=True)

    class Meta:
        ordering: ClassVar = ["kind", "address"]

    def __str__(self) -> str:
        return self.address


class Watcher(models.Model):
    """A process that watches mailboxes, and when it last said so."""

    identity = models.UUIDField(primary_key=True)
    seen_at = models.DateTimeField("vu")

    def __str__(self) -> str:
        return str(self.identity)
