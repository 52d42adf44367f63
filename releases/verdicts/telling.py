"""Tells alerts of unhealthy and failed deployments, and when those are over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services.judging import end_news
from alerts.words import one_line
from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook
from releases.rollbacks.queries import way_back_from
from releases.verdicts.evidence import Evidence, Finding
from tradewatch.errors.models import Issue

BY = "Releases"
REMEMBERED = timedelta(days=30)
MOST_LINKED = 5


def unhealthy_key(deployment_id: int) -> str:
    return f"deployment:{deployment_id}:unhealthy"


def failed_key(deployment_id: int) -> str:
    return f"deployment:{deployment_id}:failed"


def tell_look(look: DeploymentLook, evidence: Evidence, *, now: datetime) -> None:
    """Tell that the deployment is unhealthy, or that it no longer is; in the caller's transaction."""
    row = look.deployment
    if look.verdict == Verdict.UNHEALTHY and not _why_over(row):  # a late look at what was replaced wakes nobody
        record_occurrences([_unhealthy(look, evidence, now)])
    elif look.verdict == Verdict.HEALTHY:
        why = f"Healthy after {look.minutes} min: {look.summary}."
        end_news(row.project_id, unhealthy_key(row.pk), why=why, by=BY, now=now)


def tell_failed(row: Deployment, *, now: datetime) -> None:
    """Tell that a deployment has failed, in the caller's transaction."""
    message = f"{row.message or 'It did not succeed.'} Deployed by {row.deployed_by}."
    record_occurrences([_occurrence(row, "deployment.failed", failed_key(row.pk), "failed", message, now)])


def tell_ends(now: datetime) -> int:
    """End the alerts of deployments that no longer stand; return how many ended. Cheap while none is open."""
    rows = _told_of(now)
    keys = {key: row for row in rows for key in (unhealthy_key(row.pk), failed_key(row.pk))}
    open_keys = Alert.objects.filter(project__in={row.project_id for row in rows}, dedup_key__in=keys)
    ended = 0
    for key in open_keys.exclude(state=AlertState.RESOLVED).values_list("dedup_key", flat=True):
        why = _why_over(keys[key])
        if why:
            with transaction.atomic():
                ended += end_news(keys[key].project_id, key, why=why, by=BY, now=now) is not None
    return ended


def _told_of(now: datetime) -> list[Deployment]:
    """Return the deployments of which alerts may be open."""
    unhealthy = DeploymentLook.objects.filter(deployment=OuterRef("pk"), verdict=Verdict.UNHEALTHY)
    told = Q(state=DeploymentState.FAILED) | Exists(unhealthy)
    return list(Deployment.objects.filter(told, finished_at__gte=now - REMEMBERED))


def _why_over(row: Deployment) -> str:
    """Return the sentence; empty: it still stands."""
    if row.state == DeploymentState.ROLLED_BACK:
        return f"{row} was rolled back."
    if row.kept_at is not None:
        return f"{row.kept_by} keeps it: {row.kept_reason or 'no reason given'}."
    later = Deployment.objects.filter(
        project=row.project_id,
        environment=row.environment,
        state=DeploymentState.SUCCEEDED,
        finished_at__gt=row.finished_at,
    ).exclude(pk=row.pk)
    follower = later.order_by("finished_at").first()
    return f"{follower} took its place." if follower else ""


def _unhealthy(look: DeploymentLook, evidence: Evidence, now: datetime) -> Occurrence:
    row = look.deployment
    way = way_back_from(row)
    offered = f"Roll back to {way.to_version}, or keep it" if way else "Nothing is known to go back to. Keep it"
    lines = [
        f"{look.summary}.",
        f"{look.minutes} min after it went out. Deployed by {row.deployed_by}.",
        *_issue_lines(evidence),
        f"{offered}: {settings.PUBLIC_URL}{row.get_absolute_url()}",
    ]
    return _occurrence(
        row, "deployment.unhealthy", unhealthy_key(row.pk), "is unhealthy", "\n".join(lines), now, AlertSeverity.ERROR
    )


def _issue_lines(evidence: Evidence) -> Iterable[str]:
    """Yield a link for each issue that is worse, then for those that are new."""
    told = [each.issue_id for each in evidence.judgement.issues][:MOST_LINKED]
    issues = Issue.objects.in_bulk(told)
    worse = {each.issue_id for each in evidence.judgement.issues if each.finding == Finding.WORSE}
    for pk in told:
        if issue := issues.get(pk):
            kind = "Issue" if pk in worse else "New issue"
            yield f"{kind} {one_line(issue.title)}: {settings.PUBLIC_URL}{issue.get_absolute_url()}"


def _occurrence(
    row: Deployment,
    kind: str,
    fingerprint: str,
    claim: str,
    message: str,
    now: datetime,
    severity: AlertSeverity = AlertSeverity.WARNING,
) -> Occurrence:
    return Occurrence(
        kind=kind,
        project_id=row.project_id,
        fingerprint=fingerprint,
        severity=severity,
        category=AlertCategory.RELEASE,
        title=f"{row.version or 'Deployment'} to {row.environment} {claim}",
        message=message,
        link=row.get_absolute_url(),
        environment=row.environment,
        tags={"version": row.version, "deployed_by": row.deployed_by, "deployment": str(row.pk)},
        occurred_at=now,
    )
