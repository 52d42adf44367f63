"""Readings of single issues, by the series that digesting keeps for each. What an issue is, is not known here."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import Reading, Spot
from alerts.models import AlertRule
from alerts.words import duration_words
from tradewatch.metrics.queries import Totals

EVENTS_OF_ISSUE = "issue:"
USERS_OF_ISSUE = "issue.users:"  # users that met the issue for the first time


def read_issue_events(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    return _read(rule, EVENTS_OF_ISSUE, "events", project_ids, span, ledger)


def read_issue_users(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return how many users met the issue for the first time in the window: exact, each counted once."""
    return _read(rule, USERS_OF_ISSUE, "new users", project_ids, span, ledger)


def _read(
    rule: AlertRule, prefix: str, noun: str, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    def ask() -> Mapping[Spot, Sequence[Reading]]:
        return _readings(rule.environment, ledger.subjects(project_ids, prefix, span), span, noun)

    return ledger.once((prefix, project_ids, rule.environment, span), ask)


def _readings(
    environment: str, found: Mapping[Spot, Sequence[Totals]], span: Span, noun: str
) -> dict[Spot, list[Reading]]:
    """An issue is one, wherever it happens: without an `environment`, its environments are added up."""
    added: dict[Spot, list[int]] = {}
    for spot, totals in found.items():
        if environment in ("", spot.environment):
            key = Spot(spot.project_id, environment, f"issue:{spot.subject.rpartition(':')[2]}")
            sums = added.setdefault(key, [0] * len(span.ends))
            added[key] = [count + total.count for count, total in zip(sums, totals, strict=True)]
    length = f"in {duration_words(timedelta(seconds=span.seconds))}"
    return {
        spot: [Reading(float(count), count, f"{count:,} {noun}", length) for count in counts]
        for spot, counts in added.items()
    }
