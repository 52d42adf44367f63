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
    return _readings(rule, ledger.subjects(project_ids, EVENTS_OF_ISSUE, span), span, "events")


def read_issue_users(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return how many users met the issue for the first time in the window: exact, each counted once."""
    return _readings(rule, ledger.subjects(project_ids, USERS_OF_ISSUE, span), span, "new users")


def _readings(
    rule: AlertRule, found: Mapping[Spot, Sequence[Totals]], span: Span, noun: str
) -> dict[Spot, list[Reading]]:
    """An issue is one, wherever it happens: without an environment in the rule, its environments are added up."""
    added: dict[Spot, list[int]] = {}
    for spot, totals in found.items():
        if rule.environment in ("", spot.environment):
            key = Spot(spot.project_id, rule.environment, f"issue:{spot.subject.rpartition(':')[2]}")
            sums = added.setdefault(key, [0] * len(span.ends))
            added[key] = [count + total.count for count, total in zip(sums, totals, strict=True)]
    length = f"in {duration_words(timedelta(seconds=span.seconds))}"
    return {
        spot: [Reading(float(count), count, f"{count:,} {noun}", length) for count in counts]
        for spot, counts in added.items()
    }
