"""Groups, sites, the people who work there and what they may do."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models


class Group(models.Model):
    """A group of nursing homes under one roof of governance."""

    name = models.CharField("nom", max_length=200)

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A nursing home (EHPAD), named by its FINESS number."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField("nom", max_length=200)
    city = models.CharField("ville", max_length=100)
    finess = models.CharField("FINESS", max_length=9, unique=True)
    files_certain_matches = models.BooleanField("intègre seul les identités certaines (règle 1)", default=False)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    SECRETARY = "secretary", "Secrétaire médicale"
    NURSE = "nurse", "Infirmier·e"
    COORDINATING_DOCTOR = "coordinating_doctor", "Médecin coordonnateur"
    ADMINISTRATOR = "administrator", "Administrateur"


class User(AbstractUser):
    """A person who signs in. ``rpps`` is eleven digits, for health professionals only."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField("civilité", max_length=20, blank=True)
    rpps = models.CharField("RPPS", max_length=11, blank=True)

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part) or self.username


class Membership(models.Model):
    """The role a person holds at a site."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField("rôle", max_length=30, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "site", "role"], name="one_membership_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.site}"


class Identification(models.Model):
    """One return from Pro Santé Connect: counted, so that nobody makes this server call the provider without end.

    ``about`` is the answering link it was for, none for a sign-in. Holds no name, no number of a person, no token; read
    before anybody is known, hence before any scope is open.
    """

    about = models.UUIDField(null=True)
    at = models.DateTimeField()
    succeeded = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="identification_at")]

    def __str__(self) -> str:
        return f"identification {self.pk}"
