"""What happens to hosts: reports come in, silence is noticed, people retire and delete them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services.judging import observe_end
from alerts.words import duration_words
from tradewatch.core import audit, pulse
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.metrics.points.values import GAUGE, MetricPoint
from tradewatch.metrics.points.writing import add_points
from tradewatch.performance.hosts.points import UNITS
from tradewatch.performance.hosts.reports import Rejected, Sampled, fault_of, figures_of, newest
from tradewatch.performance.hosts.states import silent_after
from tradewatch.performance.models import Host
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

HOSTS_A_PROJECT = 500
PREFIX = "host."
HOST = "host"  # the attribute that names it
OWN_KEPT = timedelta(hours=1)
LOOKED, LOOKING_SINCE = "hosts", "hosts.since"


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    samples: Sequence[Sampled]
    environment: str = ""
    platform: str = ""
    agent_version: str = ""
    interval_seconds: int = 60
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    host: Host
    accepted: int
    rejected: Sequence[Rejected]


@transaction.atomic
def take_report(actor: Actor, project: Project, report: Report, *, now: datetime) -> Taken:
    """Store what a host reports. The first report makes the host; one of a retired host brings it back.

    Raises `NotAllowed`, and `Invalid` for a host too many.
    """
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.PERFORMANCE_WRITE)
    environment = (report.environment or settings.SENTRY_ENVIRONMENT)[:64]
    points, rejected = [], []
    for sample in report.samples:
        at_epoch = now.timestamp() - sample.age_seconds
        for point in sample.points:
            if fault := fault_of(point):
                rejected.append(Rejected(point.name[:80], fault))
                continue
            attributes = {**dict(point.labels), HOST: report.name}
            name, unit = PREFIX + point.name, UNITS[point.name]
            points.append(MetricPoint(project.pk, environment, name, GAUGE, point.value, at_epoch, unit, attributes))
    host = _touch(project, report, environment, now=now)
    add_points(points)  # last: it locks what all hosts write
    transaction.on_commit(lambda: push("hosts", project.pk))
    return Taken(host, len(points), rejected)


def _touch(project: Project, report: Report, environment: str, *, now: datetime) -> Host:
    host = Host.objects.select_for_update().filter(project=project, name=report.name).first()
    sample = newest(report.samples)
    seen_at = now - timedelta(seconds=sample.age_seconds)
    if host is None:
        if Host.objects.filter(project=project).count() >= HOSTS_A_PROJECT:
            raise Invalid("too many hosts", errors={"host": [f"a project has at most {HOSTS_A_PROJECT}: delete some"]})
        host, _ = Host.objects.get_or_create(
            project=project,
            name=report.name,
            defaults={"environment": environment, "first_seen_at": seen_at, "last_seen_at": seen_at},
        )
    if seen_at < host.last_seen_at:
        return host  # a report from a buffer that came after a newer one
    figures = asdict(figures_of(point for point in sample.points if not fault_of(point)))
    values = {
        **figures,
        "environment": environment,
        "platform": report.platform[:200] or host.platform,
        "agent_version": report.agent_version[:40],
        "interval_seconds": report.interval_seconds,
        "late_parts": [part[:200] for part in sample.late][:40],
        "is_own": report.is_own,
        "last_seen_at": seen_at,
        "retired_at": None,
    }
    for name, value in values.items():
        setattr(host, name, value)
    if host.silent_since is not None and now - seen_at <= silent_after(timedelta(seconds=host.interval_seconds)):
        _end_silence(host, why=f"{host.name} reports again.", by="TradeWatch", now=now)
        host.silent_since = None
    host.save(update_fields=[*values, "silent_since"])
    return host


def note_look(now: datetime) -> datetime:
    """Note that somebody looks, and return since when that was done without a pause.

    While TradeWatch is away nobody's report arrives: hosts are not silent because of that.
    """
    last = pulse.last_beat(LOOKED)
    if last is None or now - last > pulse.LATE:
        pulse.beat(now, name=LOOKING_SINCE)
    pulse.beat(now, name=LOOKED)
    return pulse.last_beat(LOOKING_SINCE) or now


@transaction.atomic
def tell_of_silent_hosts(now: datetime, *, watched_since: datetime) -> int:
    """Tell alerts of each host that fell silent since the last look, and return how many. Twice does no harm."""
    fallen = list(_fallen_silent(now, watched_since))
    told = [
        host
        for host in fallen
        if Host.objects.filter(pk=host.pk, silent_since=None, last_seen_at=host.last_seen_at).update(
            silent_since=host.last_seen_at
        )
    ]
    record_occurrences([_silence(host, now) for host in told])
    return len(told)


def _fallen_silent(now: datetime, watched_since: datetime) -> Iterator[Host]:
    # Not TradeWatch's own: it cannot tell of its own death, and a container has another name after each deployment.
    candidates = Host.objects.filter(
        is_own=False, silent_since=None, retired_at=None, last_seen_at__lt=now - silent_after(timedelta(0))
    )
    for host in candidates.order_by("pk"):
        awaited_since = max(host.last_seen_at, watched_since)
        if now - awaited_since > silent_after(timedelta(seconds=host.interval_seconds)):
            yield host


def _silence(host: Host, now: datetime) -> Occurrence:
    since = duration_words(now - host.last_seen_at)
    return Occurrence(
        kind="host.silent",
        project_id=host.project_id,
        fingerprint=silence_key(host),
        severity=AlertSeverity.WARNING,
        category=AlertCategory.SYSTEM,
        title=f"Host {host.name} is silent",
        message=f"No news of {host.name} for {since}: the machine, its agent or the network between is down.",
        link=host.get_absolute_url(),
        environment=host.environment,
        tags={"host": host.name},
        occurred_at=now,
    )


def silence_key(host: Host) -> str:
    return f"host:{host.pk}:silent"


def _end_silence(host: Host, *, why: str, by: str, now: datetime) -> None:
    observe_end(host.project_id, silence_key(host), why=why, by=by, now=now)


@transaction.atomic
def retire_host(actor: Actor, host: Host, *, now: datetime) -> None:
    """Expect nothing of it any more; what is open about its silence ends. Its figures stay. Again: unchanged."""
    access.require(actor, host.project_id, Role.MANAGER, scope=Scope.PERFORMANCE_WRITE)
    if Host.objects.filter(pk=host.pk, retired_at=None).update(retired_at=now, silent_since=None):
        _end_silence(host, why=f"Retired by {actor.label}.", by=actor.label, now=now)
        audit.record(actor, "host.retire", host, project_id=host.project_id)


@transaction.atomic
def delete_host(actor: Actor, host: Host, *, now: datetime) -> None:
    """Forget the host. What it measured stays in the metric store until its retention, under its name."""
    access.require(actor, host.project_id, Role.MANAGER, scope=Scope.PERFORMANCE_WRITE)
    _end_silence(host, why=f"The host was deleted by {actor.label}.", by=actor.label, now=now)
    audit.record(actor, "host.delete", host, project_id=host.project_id)
    host.delete()


def forget_old_hosts(now: datetime) -> int:
    """Delete hosts of which no metric is left, and return how many. Own hosts of the past are retired after an hour."""
    own = Host.objects.filter(is_own=True, retired_at=None, last_seen_at__lt=now - OWN_KEPT)
    own.update(retired_at=now)
    return Host.objects.filter(last_seen_at__lt=now - settings.METRIC_RETENTION).delete()[0]
