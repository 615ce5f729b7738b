"""Housekeeping of the queue itself: a dead worker's jobs are taken over, finished ones are purged."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

STALLED_AFTER_SECONDS = 30
FINISHED_KEPT_HOURS = 24


@app.periodic(cron="* * * * * */20")
@app.task(name="take_over_stalled_jobs", queue="sweeps", queueing_lock="take_over_stalled_jobs", pass_context=True)
async def take_over_stalled_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Give back to the queue the jobs of workers that no longer beat: procrastinate does not do it by itself."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job)


@app.periodic(cron="30 * * * *")
@app.task(name="purge_finished_jobs", queue="sweeps", queueing_lock="purge_finished_jobs", pass_context=True)
async def purge_finished_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 (given by procrastinate)
    """Keep the queue's table small: its state is not ours, ours is in our rows."""
    await context.app.job_manager.delete_old_jobs(nb_hours=FINISHED_KEPT_HOURS)
