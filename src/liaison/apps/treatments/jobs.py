"""The treatments' jobs."""

from procrastinate.contrib.django import app

from liaison.apps.queue import PASSING_TROUBLE, SOONER, offer


@app.task(name="make_report", queue="intake", retry=PASSING_TROUBLE)
def make_report(*, reconciliation: int) -> None:
    """Write the report of a reconciliation all decided."""
    from liaison.apps.treatments.models import Reconciliation
    from liaison.apps.treatments.report import do_make_report

    do_make_report(Reconciliation.objects.select_related("resident__site", "document").get(pk=reconciliation))


@app.periodic(cron="* * * * * */45")
@app.task(name="sweep_reports", queue="sweeps", priority=SOONER, queueing_lock="sweep_reports")
def sweep_reports(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again the reports that no worker wrote."""
    from liaison.apps.treatments.report import reports_to_make

    for reconciliation in reports_to_make():
        offer_report(reconciliation)


def offer_report(reconciliation: int) -> None:
    offer(make_report, key=f"make-report-{reconciliation}", reconciliation=reconciliation)


@app.task(name="read_text", queue="intake", retry=PASSING_TROUBLE)
def read_text(*, document: int) -> None:
    """Read the treatments in the words of a document where nothing is coded."""
    from liaison.apps.intake.models import Document
    from liaison.apps.treatments.text_reading import do_read_text

    do_read_text(Document.objects.select_related("site", "source_leaf", "pdf_leaf").get(pk=document))


@app.periodic(cron="* * * * * */20")
@app.task(name="sweep_unread_texts", queue="sweeps", priority=SOONER, queueing_lock="sweep_unread_texts")
def sweep_unread_texts(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer the documents whose words are to be read: new ones, and those whose job was lost."""
    from liaison.apps.treatments.text_reading import unread_texts

    for document in unread_texts():
        offer_text(document)


def offer_text(document: int) -> None:
    offer(read_text, key=f"read-text-{document}", document=document)
