"""The filing's jobs."""

from procrastinate.contrib.django import app


@app.task(name="propose_document", queue="intake")
def propose_document(*, document: int) -> None:
    """Say whose document it is."""
    from liaison.apps.filing.actions import do_propose
    from liaison.apps.intake.models import Document

    do_propose(Document.objects.get(pk=document))
