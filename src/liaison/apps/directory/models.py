"""The health professionals around the homes and their MSSanté addresses."""

from typing import ClassVar
from uuid import uuid4

from django.db import models


class Professional(models.Model):
    """A health professional outside the home, known by RPPS (eleven digits)."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    rpps = models.CharField("RPPS", max_length=11, unique=True)
    title = models.CharField("civilité", max_length=20, blank=True)
    family = models.CharField("nom d'exercice", max_length=100)
    given = models.CharField("prénom d'exercice", max_length=100)
    speciality = models.CharField("spécialité", max_length=100)
    city = models.CharField("ville", max_length=100, blank=True)

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.given, self.family) if part)

    @property
    def preferred_address(self) -> "ProfessionalAddress | None":
        return self.addresses.order_by("-preferred", "id").first()


class ProfessionalAddress(models.Model):
    """One MSSanté address of a professional."""

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="addresses")
    email = models.EmailField("adresse MSSanté", unique=True)
    preferred = models.BooleanField("préférée", default=False)

    class Meta:
        ordering: ClassVar = ["-preferred", "id"]

    def __str__(self) -> str:
        return self.email


class TrustedDomain(models.Model):
    """A domain of the MSSanté trust circle (liste blanche): the only ones we send to."""

    domain = models.CharField("domaine", max_length=253, unique=True)
    operator = models.CharField("opérateur", max_length=200, blank=True)

    def __str__(self) -> str:
        return self.domain
