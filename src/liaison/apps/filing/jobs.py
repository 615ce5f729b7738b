"""The filing's jobs."""

from procrastinate.contrib.django import app

from liaison.apps.queue import PASSING_TROUBLE, offer


@app.task(name="propose_document", queue="intake", retry=PASSING_TROUBLE)
def propose_document(*, document: int) -> None:
    """Say whose document it is."""
    from liaison.apps.filing.actions import do_propose
    from liaison.apps.intake.models import Document

    do_propose(Document.objects.get(pk=document))


def offer_proposal(document: int) -> None:
    offer(propose_document, key=f"propose-document-{document}", document=document)
