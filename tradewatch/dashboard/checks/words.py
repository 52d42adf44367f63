"""How the pages speak of a check."""

from datetime import datetime, timedelta

from tradewatch.dashboard import words
from tradewatch.performance.checks.choices import CheckState, Level
from tradewatch.performance.checks.faults import target_words
from tradewatch.performance.checks.running import plan_of
from tradewatch.performance.models import Check

MARKS = {
    CheckState.UP: "ok",
    CheckState.SLOW: "warning",
    CheckState.DOWN: "critical",
    CheckState.UNKNOWN: "none",
    CheckState.PAUSED: "none",
}
BADGES = {CheckState.UP: "ok", CheckState.SLOW: "warning", CheckState.DOWN: "bad", CheckState.PAUSED: "hollow"}
LEVEL_BADGES = {Level.OK: "ok", Level.SLOW: "warning", Level.FAILED: "bad", Level.NOT_RUN: "hollow"}


def asked_words(row: Check) -> str:
    """Return `GET https://…, every 60 s`."""
    return f"{target_words(plan_of(row))}, every {words.span(timedelta(seconds=row.interval_seconds))}"


def certificate_words(row: Check, now: datetime) -> tuple[str, bool]:
    """Return what is to be said of the certificate, and whether it ends soon; empty without one."""
    if row.tls_expires_at is None:
        return "", False
    left = row.tls_expires_at - now
    is_soon = row.tls_days is not None and left <= timedelta(days=row.tls_days)
    if left <= timedelta():
        return "certificate has ended", is_soon
    days = left // timedelta(days=1)
    return f"certificate ends in {words.plural(days, 'day') if days else words.span(left)}", is_soon


def line_of(row: Check, state: CheckState, now: datetime) -> tuple[str, str]:
    """Return the one line under a check's name, and its style: what is wrong, else what is asked."""
    certificate, is_soon = certificate_words(row, now)
    match state:
        case CheckState.DOWN:
            return f"{row.detail}, since {words.span(now - (row.since or now))}", "up-bad"
        case CheckState.PAUSED:
            return f"paused by {row.paused_reason}", "muted"
        case CheckState.UNKNOWN:
            if row.level == Level.NOT_RUN:
                return row.detail, "held-by"
            return ("no answer yet" if row.ran_at is None else "no recent answer"), "muted"
        case _ if row.failures:
            return f"{row.detail}: asking again", "held-by"
        case _ if is_soon:
            return certificate, "held-by"
        case CheckState.SLOW:
            return row.detail, "held-by"
        case _:
            return asked_words(row), "muted"
