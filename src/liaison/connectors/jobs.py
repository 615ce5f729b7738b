"""The connectors' jobs."""

import logging

from procrastinate.contrib.django import app

from liaison.apps.queue import SOONER

log = logging.getLogger(__name__)


@app.periodic(cron="17 * * * *")
@app.task(name="update_directory", queue="sweeps", priority=SOONER, queueing_lock="update_directory")
def update_directory(timestamp: int) -> None:  # noqa: ARG001 (procrastinate gives every periodic task its time)
    """Ask the Annuaire Santé API what changed, when it is configured and there is a copy to complete."""
    from liaison.apps.directory.queries import has_directory
    from liaison.connectors.annuaire_sante import DirectoryError, configured
    from liaison.connectors.annuaire_sante import update_directory as update

    api = configured()
    if api is None or not has_directory():
        return
    try:
        update(api)
    except DirectoryError as unavailable:
        log.warning("directory update: %s", unavailable)
