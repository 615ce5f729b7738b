"""The fallback for mailboxes that nobody watches: each is polled when its last poll is too old."""

from procrastinate.contrib.django import app

from liaison.apps.queue import SOONER, offer


@app.periodic(cron="* * * * *")
@app.task(name="poll_unwatched_mailboxes", queue="sweeps", priority=SOONER, queueing_lock="poll_unwatched_mailboxes")
def poll_unwatched_mailboxes(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Defer one poll for each mailbox left alone for too long."""
    from liaison.apps.mailboxes.queries import unwatched_mailboxes

    for mailbox in unwatched_mailboxes():
        offer(poll_mailbox, key=f"poll-mailbox-{mailbox}", mailbox=mailbox)


@app.task(name="poll_mailbox", queue="polling", priority=SOONER)
def poll_mailbox(*, mailbox: int) -> None:
    """Keep what is new in one mailbox."""
    from liaison.apps.intake.poll import poll
    from liaison.apps.mailboxes.models import Mailbox

    poll(Mailbox.objects.select_related("operator", "site").get(pk=mailbox))
