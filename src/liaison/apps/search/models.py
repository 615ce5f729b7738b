"""The words of each document and message, kept by triggers beside their rows (ADR 0015 says why apart from them).

Read through ``queries.search`` alone. The bare numbers of site and mailbox are copies: the constraints are on the rows
they are copied from.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Site


class IndexedDocument(models.Model):
    """A document's title, type, author and text as French stems."""

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="indexed")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="document_words", gin_pending_list_limit=512),
            models.Index(fields=["site", "document"], name="documents_of_a_site"),
        ]

    def __str__(self) -> str:
        return f"words of document {self.document_id}"


class IndexedMessage(models.Model):
    """A message's subject, sender and body as French stems."""

    message = models.OneToOneField(RawMessage, on_delete=models.CASCADE, primary_key=True, related_name="indexed")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="message_words", gin_pending_list_limit=512),
            models.Index(fields=["mailbox", "message"], name="messages_of_a_mailbox"),
        ]

    def __str__(self) -> str:
        return f"words of message {self.message_id}"
