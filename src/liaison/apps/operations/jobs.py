"""Housekeeping: a dead worker's jobs are taken over, finished ones are purged, and the rounds are made."""

from datetime import UTC, time

from procrastinate import JobContext
from procrastinate.contrib.django import app

from liaison.apps.queue import SOONER, offer

STALLED_AFTER_SECONDS = 30
FINISHED_KEPT_HOURS = 24
PURGED_AT = time(3, 40, tzinfo=UTC)


@app.periodic(cron="* * * * * */20")
@app.task(
    name="take_over_stalled_jobs",
    queue="sweeps",
    priority=SOONER,
    queueing_lock="take_over_stalled_jobs",
    pass_context=True,
)
async def take_over_stalled_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Give back to the queue the jobs of workers that no longer beat: procrastinate does not do it by itself."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job)


@app.periodic(cron="30 * * * *")
@app.task(
    name="purge_finished_jobs", queue="sweeps", priority=SOONER, queueing_lock="purge_finished_jobs", pass_context=True
)
async def purge_finished_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Keep the queue's table small: its state is not ours, ours is in our rows."""
    await context.app.job_manager.delete_old_jobs(nb_hours=FINISHED_KEPT_HOURS)


@app.periodic(cron="*/5 * * * *")
@app.task(name="make_rounds", queue="sweeps", priority=SOONER, queueing_lock="make_rounds")
def make_rounds(timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Look at the mailboxes and the queue, and say what a person must know."""
    from liaison.apps.operations.rounds import check_mailboxes, check_queue
    from liaison.apps.operations.self_check import fail_overdue_self_checks

    check_mailboxes()
    check_queue()
    fail_overdue_self_checks()


@app.periodic(cron="15 * * * *")
@app.task(name="check_ledgers", queue="sweeps", priority=SOONER, queueing_lock="check_ledgers")
def check_ledgers(timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Compare each mailbox with its server, one job for each."""
    from liaison.apps.operations.rounds import watched_mailboxes

    for mailbox in watched_mailboxes():
        offer(check_one_ledger, key=f"check-ledger-{mailbox.pk}", mailbox=mailbox.pk)


@app.task(name="check_one_ledger", queue="polling")
def check_one_ledger(*, mailbox: int) -> None:
    """Compare one mailbox with its server, message by message."""
    from liaison.apps.operations.rounds import check_ledger, watched_mailboxes

    check_ledger(watched_mailboxes().get(pk=mailbox))


@app.periodic(cron="40 */6 * * *")
@app.task(name="refresh_revocation_lists", queue="sweeps", priority=SOONER, queueing_lock="refresh_revocation_lists")
def refresh_revocation_lists(timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Fetch what each operator's authority has revoked."""
    from liaison.apps.operations import rounds

    rounds.refresh_revocation_lists()


@app.periodic(cron="10 5 * * *")
@app.task(name="check_ourselves", queue="sweeps", priority=SOONER, queueing_lock="check_ourselves")
def check_ourselves(timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Each day, before the home wakes up, each site's mailbox writes to itself."""
    from liaison.apps.operations.self_check import do_begin_self_check, mailboxes_to_check

    for mailbox in mailboxes_to_check():
        check = do_begin_self_check(mailbox)
        offer(send_self_check, key=f"self-check-{check.pk}", check=check.pk)


@app.task(name="send_self_check", queue="sending", priority=SOONER)
def send_self_check(*, check: int) -> None:
    """Send one test message; the watch brings it back as any other."""
    from liaison.apps.operations import self_check
    from liaison.apps.operations.models import SelfCheck

    begun = SelfCheck.objects.select_related("site", "mailbox__operator", "mailbox__site")
    self_check.send_self_check(begun.get(pk=check))


@app.periodic(cron=f"{PURGED_AT.minute} {PURGED_AT.hour} * * *")
@app.task(name="purge_operators", queue="sweeps", priority=SOONER, queueing_lock="purge_operators")
def purge_operators(timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Where a site asks for it, erase at the operator what is saved elsewhere: one job for each mailbox."""
    from liaison.apps.operations.rounds import watched_mailboxes

    for mailbox in watched_mailboxes().exclude(purge_after_days=None):
        offer(purge_one_mailbox, key=f"purge-{mailbox.pk}", mailbox=mailbox.pk)


@app.task(name="purge_one_mailbox", queue="polling")
def purge_one_mailbox(*, mailbox: int) -> None:
    """Bite after bite, until nothing more may go."""
    from liaison.apps.operations.purge import purge
    from liaison.apps.operations.rounds import watched_mailboxes

    while purge(watched_mailboxes().get(pk=mailbox)):
        pass
