"""What was stored of the error's moment beside its document. Each read is bounded, and says why it found nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from alerts.models import Alert
from alerts.words import duration_words
from debugging.contexts.parts import Part
from debugging.contexts.subjects import Subject
from debugging.contexts.tracing import trace_part
from releases.deployments.queries import deployments_of, went_out
from releases.models import Deployment
from tradewatch.performance.hosts.queries import NEAREST, figures_at, host_called
from tradewatch.performance.logs.traces import logs_of_trace
from tradewatch.projects.models import Release, ReleaseSighting
from tradewatch.projects.retention import how_long

LOG_LINES, ALERTS = 50, 20


def surroundings_of(subject: Subject) -> list[Part]:
    return [read(subject) for read in READERS]


def logs_part(subject: Subject) -> Part:
    if not subject.trace_id:
        return Part("logs", why="The error names no trace, by which its log lines would be found.")
    found = logs_of_trace([subject.project.pk], subject.trace_id, around=subject.at, limit=LOG_LINES)
    if not found.lines:
        days = how_long(subject.project.log_days, settings.LOG_RETENTION).days
        return Part("logs", why=f"No log line of its trace is stored; lines are kept {days} days.")
    lines = [
        {"at": each.line.at.isoformat(), "level": each.line.level, "text": each.line.body[:500]} for each in found.lines
    ]
    link = f"{reverse('logs')}?q=trace:{subject.trace_id}"
    return Part("logs", {"lines": lines, "has_more": found.has_more}, link=link)


def host_part(subject: Subject) -> Part:
    if not subject.server:
        return Part("host", why="The error does not name the host it happened on (server_name).")
    host = host_called(subject.project.pk, subject.server)
    if host is None:
        return Part("host", why=f"No agent reports from a host named {subject.server[:100]}.")
    figures = figures_at(host, subject.at)
    if not figures:
        within = duration_words(NEAREST)
        return Part("host", why=f"{host.name} reported nothing in the {within} before, or it is kept no more.")
    said = [
        {"name": each.name, "unit": each.unit, "attributes": each.attributes, "value": each.value} for each in figures
    ]
    return Part("host", {"host": host.name, "figures": said}, link=reverse("host", args=[host.pk]))


def release_part(subject: Subject) -> Part:
    if not subject.release:
        return Part("release", why="The error names no release.")
    release = Release.objects.filter(project=subject.project, version=subject.release).first()
    if release is None:
        return Part("release", {"version": subject.release}, why="No event, transaction or session has named it.")
    place = ReleaseSighting.objects.filter(release=release, environment=subject.environment).first()
    first_seen_at = place.first_seen_at if place else release.first_seen_at
    return Part(
        "release",
        {
            "version": release.version,
            "first_seen_at": first_seen_at.isoformat(),
            "age_seconds": max(0.0, (subject.at - first_seen_at).total_seconds()),
        },
        link=reverse("release", args=[release.pk]),
    )


def deployment_part(subject: Subject) -> Part:
    """The one that was out in the environment at that moment: the last that had ended well by then."""
    rows = went_out([subject.project.pk], subject.environment).filter(finished_at__lte=subject.at)
    current = rows.order_by("-finished_at", "-id").first()
    if current is not None:
        return Part("deployment", deployment_values(current), link=current.get_absolute_url())
    if deployments_of([subject.project.pk], subject.environment).exists():
        return Part("deployment", why=f"No deployment to {subject.environment} had succeeded by then.")
    return Part("deployment", why=f"Nobody has told of a deployment to {subject.environment}.")


def deployment_values(row: Deployment) -> dict[str, Any]:
    return {
        "deployment_id": row.pk,
        "version": row.version,
        "status": row.state,
        "deployed_by": row.deployed_by,
        "started_at": row.started_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def alerts_part(subject: Subject) -> Part:
    """Those open in the minute around it. One without an environment is about all of them."""
    minute = timedelta(seconds=30)
    rows = Alert.objects.filter(project=subject.project, simulated="", environment__in=("", subject.environment))
    rows = rows.filter(
        Q(resolved_at=None) | Q(resolved_at__gte=subject.at - minute), starts_at__lte=subject.at + minute
    )
    found = list(rows.order_by("-starts_at", "-id")[:ALERTS])
    if not found:
        return Part("alerts", why="No alert was open at that time.")
    said = [
        {
            "alert_id": each.pk,
            "title": each.title,
            "severity": each.severity,
            "starts_at": each.starts_at.isoformat(),
            "link": each.get_absolute_url(),
        }
        for each in found
    ]
    return Part("alerts", {"alerts": said})


READERS: tuple[Callable[[Subject], Part], ...] = (
    release_part,
    deployment_part,
    host_part,
    trace_part,
    logs_part,
    alerts_part,
)
