"""The treatments' jobs."""

from procrastinate.contrib.django import app

from liaison.apps.queue import PASSING_TROUBLE, offer


@app.task(name="make_report", queue="intake", retry=PASSING_TROUBLE)
def make_report(*, reconciliation: int) -> None:
    """Write the report of a reconciliation all decided."""
    from liaison.apps.treatments.models import Reconciliation
    from liaison.apps.treatments.report import do_make_report

    do_make_report(Reconciliation.objects.select_related("resident__site", "document").get(pk=reconciliation))


@app.periodic(cron="* * * * * */45")
@app.task(name="sweep_reports", queue="sweeps", queueing_lock="sweep_reports")
def sweep_reports(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Offer again the reports that no worker wrote."""
    from liaison.apps.treatments.report import reports_to_make

    for reconciliation in reports_to_make():
        offer_report(reconciliation)


def offer_report(reconciliation: int) -> None:
    offer(make_report, key=f"make-report-{reconciliation}", reconciliation=reconciliation)
