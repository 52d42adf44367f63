"""What alerts are told of a batch: issues that are new, came back or are critical, one occurrence each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import SIMULATED_EVENT, Occurrence
from tradewatch.errors.choices import ErrorCategory, ErrorSeverity
from tradewatch.errors.drafts import Draft
from tradewatch.errors.models import Issue
from tradewatch.errors.standings import Standing

_SEVERITIES: Mapping[str, AlertSeverity] = {
    ErrorSeverity.DEBUG: AlertSeverity.INFO,
    ErrorSeverity.INFO: AlertSeverity.INFO,
    ErrorSeverity.WARNING: AlertSeverity.WARNING,
    ErrorSeverity.ERROR: AlertSeverity.ERROR,
    ErrorSeverity.CRITICAL: AlertSeverity.CRITICAL,
}
_CATEGORIES: Mapping[str, AlertCategory] = {
    ErrorCategory.SECURITY: AlertCategory.SECURITY,
    ErrorCategory.PERFORMANCE: AlertCategory.PERFORMANCE,
    ErrorCategory.SYSTEM: AlertCategory.SYSTEM,
}


def issue_fingerprint(issue_id: int) -> str:
    """Return what all news of an issue share, so that one alert speaks for it."""
    return f"issue:{issue_id}"


def news_of(
    standing: Standing, drafts: Sequence[Draft], *, back_because: str, is_silent: bool, now: datetime
) -> Iterator[Occurrence]:
    """Yield the news about one issue and its events of this batch.

    `back_because` says in words why a resolved or ignored issue is open again, if it is. A silent (ignored) issue
    makes no news.
    """
    if is_silent:
        return
    if standing.is_new:
        yield _occurrence("issue.new", standing, drafts, now=now)
    if back_because:
        yield _occurrence("issue.regressed", standing, drafts, now=now, message=back_because)
    critical = [draft for draft in drafts if draft.severity == ErrorSeverity.CRITICAL]
    if critical:
        yield _occurrence("issue.critical", standing, critical, now=now)


def simulated_news(standing: Standing, draft: Draft, *, why: str, now: datetime) -> Occurrence:
    """Return the word that a simulated event came. Its fingerprint is the event's alone: no other alert is touched.

    After the last colons stands what the issue's own news have: rules that measure issues know it by that.
    """
    news = _occurrence(SIMULATED_EVENT, standing, [draft], now=now, message=why)
    name = f"{SIMULATED_EVENT}:{draft.event_id.hex}:{issue_fingerprint(standing.id)}"
    return replace(news, fingerprint=name, link=f"{news.link}/events/{draft.event_id.hex}")


def back_again(issue: Issue, *, message: str, now: datetime) -> Occurrence:
    """Return the news that an issue is open again without a new event: what ended its alert was taken back."""
    return Occurrence(
        kind="issue.regressed",
        project_id=issue.project_id,
        fingerprint=issue_fingerprint(issue.pk),
        severity=_SEVERITIES[issue.severity],
        category=_CATEGORIES.get(issue.category, AlertCategory.ERROR),
        title=issue.title,
        message=message,
        link=issue.get_absolute_url(),
        tags={"issue": str(issue.number), "category": issue.category, "exception_type": issue.exception_type},
        occurred_at=now,
    )


def _occurrence(
    kind: str, standing: Standing, drafts: Sequence[Draft], *, now: datetime, message: str = ""
) -> Occurrence:
    first = drafts[0]
    return Occurrence(
        kind=kind,
        project_id=standing.project_id,
        fingerprint=issue_fingerprint(standing.id),
        severity=_SEVERITIES[first.severity],
        category=_CATEGORIES.get(standing.category, AlertCategory.ERROR),
        title=standing.title,
        message=message or first.facts.message,
        link=f"/issues/{standing.id}",
        environment=first.facts.environment,
        tags={name: value for name, value in _tags(standing, first) if value},
        count=len(drafts),
        occurred_at=now,
    )


def _tags(standing: Standing, draft: Draft) -> Iterator[tuple[str, str]]:
    yield "issue", str(standing.number)
    yield "category", standing.category
    yield "exception_type", draft.facts.exception_type
    yield "culprit", draft.facts.culprit
    yield "transaction", draft.facts.transaction
    yield "environment", draft.facts.environment
    yield "release", draft.facts.release
    yield "server_name", draft.facts.tags.get("server_name", "")
    yield "simulated", "yes" if draft.is_simulated else ""
