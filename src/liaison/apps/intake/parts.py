"""The bytes of what a message holds, cut out of the message kept: they are not kept a second time (ADR 0018)."""

from liaison.apps.blobs import store
from liaison.apps.intake.models import Document, Leaf
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.mail.message import read_mail


def cut_out(name: str) -> bytes | None:
    """The leaf of that SHA-256, or the file inside a CDA; None when no message holds it."""
    leaf = Leaf.objects.select_related("message").filter(blob=name).first()
    if leaf is not None:
        return _leaf_content(leaf)
    document = Document.objects.select_related("source_leaf__message").filter(embedded_pdf_blob=name).first()
    return _embedded_content(document) if document else None


def _leaf_content(leaf: Leaf) -> bytes | None:
    mail = read_mail(store.get(leaf.message.blob))
    return next((each.content for each in mail.leaves if each.path == leaf.path), None)


def _embedded_content(document: Document) -> bytes | None:
    letter = _leaf_content(document.source_leaf)
    cda = read_cda(letter) if letter else None
    files = cda.embedded if isinstance(cda, CdaDocument) else ()
    return next((file.content for file in files if store.name_of(file.content) == document.embedded_pdf_blob), None)
