"""The tamper-evident journal: one chain of entries per site, which the database refuses to change."""

from typing import ClassVar

from django.db import models

from liaison.apps.organisations.models import Site, User


class Entry(models.Model):
    """One act. ``site`` is empty for the acts of the whole house (a directory import), which form a chain of their own.

    ``user`` is empty when the software acted by itself; ``details`` holds ids and codes, no free text.

    ``hash`` is SHA-256 over ``previous_hash`` and the canonical form of the entry (``core.chain.link``).
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="audit_entries")
    seq = models.PositiveBigIntegerField("numéro")
    at = models.DateTimeField("date")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="audit_entries")
    action = models.CharField("acte", max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    resident = models.ForeignKey(
        "residents.Resident", on_delete=models.PROTECT, null=True, related_name="audit_entries"
    )
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["site", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "seq"], name="one_entry_per_number", nulls_distinct=False)
        ]
        indexes: ClassVar = [
            models.Index(fields=["resident", "-at"]),
            models.Index(fields=["subject_type", "subject_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}/{self.seq} {self.action}"
