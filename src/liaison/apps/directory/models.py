"""The health professionals around the homes, their MSSanté addresses, and our copy of the national directory."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from liaison.apps.organisations.models import User


class Professional(models.Model):
    """A professional or a service outside the home that we know of: in a care team, or written to once.

    A person is known by ``national_id`` (8 then the RPPS, 0 then the ADELI number), an organisation by its mailbox.
    One whom no directory lists has neither: a person of the home declared him.
    """

    class Kind(models.TextChoices):
        PERSON = "PER", "professionnel"
        ORGANISATION = "ORG", "organisation"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField("nature", max_length=3, choices=Kind.choices, default=Kind.PERSON)
    rpps = models.CharField("RPPS", max_length=11, blank=True)
    national_id = models.CharField("identifiant national", max_length=60, blank=True)
    title = models.CharField("civilité", max_length=20, blank=True)
    family = models.CharField("nom d'exercice", max_length=200)
    given = models.CharField("prénom d'exercice", max_length=100, blank=True)
    profession = models.CharField("profession", max_length=100, blank=True)
    speciality = models.CharField("spécialité", max_length=200, blank=True)
    structure = models.CharField("structure", max_length=300, blank=True)
    street = models.CharField("adresse postale", max_length=300, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    directory_key = models.CharField(max_length=32, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rpps"], condition=~models.Q(rpps=""), name="one_professional_per_rpps")
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.given, self.family) if part)


class ProfessionalAddress(models.Model):
    """One MSSanté address of a professional, as the last look in the directory found it."""

    class Source(models.TextChoices):
        PERSON = "person", "déclarée par une personne"
        DIRECTORY = "directory", "lue dans l'annuaire"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="addresses")
    email = models.EmailField("adresse MSSanté", db_index=True)
    preferred = models.BooleanField("préférée", default=False)
    source = models.CharField("origine", max_length=10, choices=Source.choices, default=Source.PERSON)
    dematerialised = models.BooleanField("accepte la dématérialisation", default=False)
    seen_at = models.DateTimeField("vue dans l'annuaire le", null=True)
    problem = models.CharField("anomalie", max_length=10, blank=True)
    problem_since = models.DateTimeField("depuis le", null=True)
    confirmed_for = models.CharField("confirmée malgré", max_length=10, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("confirmée le", null=True)

    class Meta:
        ordering: ClassVar = ["-preferred", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["professional", "email"], name="one_address_once_per_professional")
        ]

    def __str__(self) -> str:
        return self.email


class Absence(models.Model):
    """A professional is away, from ``starts_on`` to ``ends_on`` (both days included), and who stands in for him."""

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="absences")
    replacement = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="replaces")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    note = models.CharField("précision", max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField("notée le")
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField("annulée le", null=True)

    class Meta:
        ordering: ClassVar = ["starts_on", "id"]

    def __str__(self) -> str:
        return f"absence {self.pk} of professional {self.professional_id}"


class TrustedDomain(models.Model):
    """A domain of the MSSanté trust circle: the only ones we send to.

    ``listed`` when it comes from the published list; else somebody of the installation declared it.
    """

    domain = models.CharField("domaine", max_length=253, unique=True)
    operator = models.CharField("opérateur", max_length=200, blank=True)
    listed = models.BooleanField("de la liste blanche", default=False)

    def __str__(self) -> str:
        return self.domain


class Edition(models.Model):
    """One copy of a national file: taken, being taken, or refused. The last good one stays whatever comes after it."""

    class Source(models.TextChoices):
        EXTRACTION = "extraction", "annuaire MSSanté"
        ALLOW_LIST = "allow_list", "liste blanche"
        API = "api", "API Annuaire Santé"

    class State(models.TextChoices):
        LOADING = "loading", "en cours"
        CURRENT = "current", "en service"
        REPLACED = "replaced", "remplacée"
        REFUSED = "refused", "refusée"

    source = models.CharField("fichier", max_length=10, choices=Source.choices)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.LOADING)
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField("publiée le")
    started_at = models.DateTimeField("reçue le")
    finished_at = models.DateTimeField("terminée le", null=True)
    lines_read = models.PositiveIntegerField("lignes lues", default=0)
    entries = models.PositiveIntegerField("adresses gardées", default=0)
    left_out = models.PositiveIntegerField("lignes écartées", default=0)
    refusal = models.CharField("motif du refus", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(state="current"), name="one_current_edition_of_a_source"
            )
        ]

    def __str__(self) -> str:
        return f"edition {self.pk} of {self.source}"


class DirectoryEntry(models.Model):
    """One line of the copy in service. The whole table is replaced by the next copy: nothing may point at a row.

    Its indexes are not declared here: each copy is loaded without any, indexed, then put in the place of the former.
    """

    kind = models.TextField()
    email = models.TextField()
    key = models.TextField()
    national_id = models.TextField()
    title = models.TextField()
    family = models.TextField()
    given = models.TextField()
    profession = models.TextField()
    speciality = models.TextField()
    structure = models.TextField()
    structure_id = models.TextField()
    service = models.TextField()
    street = models.TextField()
    postal_code = models.TextField()
    city = models.TextField()
    department = models.TextField()
    dematerialised = models.BooleanField()
    words = SearchVectorField()
    digest = models.BigIntegerField("empreinte de la ligne", null=True)

    def __str__(self) -> str:
        return self.email


class DirectoryWord(models.Model):
    """A word of the copy in service, and on how many lines it stands: what a slip of the finger is compared with."""

    word = models.TextField(primary_key=True)
    lines = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.word
