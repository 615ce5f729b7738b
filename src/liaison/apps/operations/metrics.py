"""What a monitoring system is told (Prometheus text format). Counts and ages only: no address, no name (law 5)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from liaison.apps.exchanges.models import Recipient
from liaison.apps.intake.models import RawMessage
from liaison.apps.operations.status import Status, current_status


def exposition() -> bytes:
    """Everything measured, as of now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(InstallationCollector())
    return generate_latest(registry)


class InstallationCollector(Collector):
    """Reads the state of the whole installation each time it is asked."""

    def collect(self) -> Iterator[Metric]:
        status = current_status()
        yield from _mailboxes(status)
        yield from _work(status)
        yield _by_label("liaison_messages", "Messages kept, by state of their reading", "state", _messages())
        yield _by_label("liaison_transmissions", "Recipients, by state of the sending", "state", _recipients())
        yield _by_label("liaison_incidents_open", "Open incidents", "kind", status.incidents)


def _mailboxes(status: Status) -> Iterator[Metric]:
    failing = sum(one.failing_since is not None for one in status.mailboxes)
    yield _by_label(
        "liaison_mailboxes", "Mailboxes, by state", "state", {"ok": len(status.mailboxes) - failing, "failing": failing}
    )
    missing = sum(max(one.on_server - one.in_ledger, 0) for one in status.mailboxes)
    yield _one("liaison_ledger_missing", "Messages on the servers that the ledger does not hold yet", missing)
    oldest = min((one.polled_at for one in status.mailboxes if one.polled_at), default=None)
    yield _one("liaison_oldest_poll_seconds", "Age of the oldest last poll", _age(oldest))


def _work(status: Status) -> Iterator[Metric]:
    yield _one("liaison_oldest_unread_seconds", "Age of the oldest message not read yet", _age(status.oldest_unread))
    yield _one("liaison_workers", "Workers whose heart beats", status.workers)
    yield _one("liaison_watchers", "Processes that watch mailboxes", status.watchers)
    jobs = GaugeMetricFamily("liaison_jobs", "Jobs of the queue", labels=["queue", "state"])
    ages = GaugeMetricFamily("liaison_oldest_job_seconds", "Age of the oldest job due", labels=["queue"])
    for queue in status.queues:
        for state, number in (("waiting", queue.waiting), ("running", queue.running), ("failed", queue.failed)):
            jobs.add_metric([queue.name, state], number)
        ages.add_metric([queue.name], _age(queue.oldest))
    yield jobs
    yield ages
    yield from _watchers(status)


def _watchers(status: Status) -> Iterator[Metric]:
    beats = GaugeMetricFamily("liaison_watcher_heartbeat_seconds", "Age of its last heartbeat", labels=["watcher"])
    held = GaugeMetricFamily("liaison_watcher_mailboxes", "Mailboxes under its leases", labels=["watcher"])
    for beat in status.heartbeats:
        beats.add_metric([beat.name], _age(beat.seen_at))
        held.add_metric([beat.name], beat.mailboxes)
    yield beats
    yield held


def _messages() -> dict[str, int]:
    return dict(RawMessage.objects.order_by().values_list("state").annotate(Count("pk")))


def _recipients() -> dict[str, int]:
    return dict(Recipient.objects.order_by().values_list("state").annotate(Count("pk")))


def _by_label(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _age(since: datetime | None) -> float:
    return (timezone.now() - since).total_seconds() if since else 0.0
