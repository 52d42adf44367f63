"""What alerts are told of a check: down, cannot be asked, its certificate ends soon; and when that is over."""

from datetime import datetime, timedelta

from alerts.choices import AlertCategory, AlertSeverity
from alerts.observe import record_occurrences
from alerts.occurrence import Occurrence
from alerts.services.judging import end_news
from alerts.words import duration_words, moment_words
from tradewatch.performance.checks.choices import CheckState
from tradewatch.performance.checks.plans import Answer
from tradewatch.performance.checks.states import Step
from tradewatch.performance.models import Check

AGAIN = timedelta(minutes=15)  # what lasts is told again: an alert that somebody resolved too early opens anew
TLS_AGAIN = timedelta(days=1)
SOON = timedelta(days=3)


def fingerprint_of(check_id: int) -> str:
    return f"check:{check_id}"


def tls_fingerprint_of(check_id: int) -> str:
    return f"check:{check_id}:tls"


def tell(row: Check, step: Step, answer: Answer, *, now: datetime) -> None:
    """Hand over what the step means. Sets when it was reported; the caller saves the row."""
    _tell_state(row, step, now=now)
    if answer.tls_expires_at is not None:
        _tell_certificate(row, answer.tls_expires_at, now=now)


def take_back(row: Check, *, why: str, by: str, now: datetime) -> None:
    """End whatever is open about a check: it is paused, changed or deleted."""
    for fingerprint in (fingerprint_of(row.pk), tls_fingerprint_of(row.pk)):
        end_news(row.project_id, fingerprint, why=why, by=by, now=now)
    row.reported_at = row.tls_reported_at = None


def _tell_state(row: Check, step: Step, *, now: datetime) -> None:
    is_unasked = step.standing.unrun > row.retries
    if step.standing.state == CheckState.DOWN and not is_unasked:
        if _is_news(row.reported_at, AGAIN, now) or step.before is not None:
            row.reported_at = now
            _down(row, now=now)
    elif is_unasked:
        if _is_news(row.reported_at, TLS_AGAIN, now):
            row.reported_at = now
            message = f"{row.detail}. Until it can be asked, nothing is known of it."
            _report(row, "check.unknown", fingerprint_of(row.pk), f"{row.name}: cannot be checked", message, now=now)
    elif row.reported_at is not None and step.standing.state in (CheckState.UP, CheckState.SLOW):
        row.reported_at = None
        end_news(row.project_id, fingerprint_of(row.pk), why=f"It answers again: {row.detail}.", by=row.name, now=now)


def _down(row: Check, *, now: datetime) -> None:
    since = row.since or now
    lasts = f", for {duration_words(now - since)}" if now - since >= AGAIN else ""
    message = f"Down since {moment_words(since)}{lasts}: {row.detail}."
    _report(row, "check.down", fingerprint_of(row.pk), f"{row.name}: down", message, now=now)


def _tell_certificate(row: Check, expires_at: datetime, *, now: datetime) -> None:
    left = expires_at - now
    if row.tls_days is None or left > timedelta(days=row.tls_days):
        if row.tls_reported_at is not None:
            row.tls_reported_at = None
            why = f"The certificate is good until {moment_words(expires_at)}."
            end_news(row.project_id, tls_fingerprint_of(row.pk), why=why, by=row.name, now=now)
        return
    if not _is_news(row.tls_reported_at, TLS_AGAIN, now):
        return
    row.tls_reported_at = now
    lasts = f"ends in {duration_words(left)}" if left > timedelta() else "has ended"
    title = f"{row.name}: certificate {lasts}"
    message = f"The certificate {lasts}, at {moment_words(expires_at)}."
    severity = AlertSeverity.ERROR if left < SOON else AlertSeverity.WARNING
    _report(row, "check.tls_expiring", tls_fingerprint_of(row.pk), title, message, severity=severity, now=now)


def _is_news(reported_at: datetime | None, again: timedelta, now: datetime) -> bool:
    return reported_at is None or now - reported_at >= again or reported_at > now


def _report(
    row: Check,
    kind: str,
    fingerprint: str,
    title: str,
    message: str,
    *,
    now: datetime,
    severity: AlertSeverity | None = None,
) -> None:
    news = Occurrence(
        kind=kind,
        project_id=row.project_id,
        fingerprint=fingerprint,
        severity=severity or AlertSeverity(row.severity),
        category=AlertCategory.SYSTEM,
        title=title,
        message=message,
        link=row.get_absolute_url(),
        environment=row.environment,
        tags={"check": row.name, "kind": row.kind},
        occurred_at=now,
    )
    record_occurrences([news])
