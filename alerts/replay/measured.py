"""Measured rules and error rates over past minutes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from alerts.choices import AlertCategory, AlertSeverity
from alerts.measures.judging import MINUTE, judge_over_time
from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import Spot
from alerts.measures.verdicts import Level
from alerts.measuring import SERIES, measured_of
from alerts.models import AlertRule
from alerts.rates import BASELINE_MINUTES, judge_rate
from alerts.rates import Level as RateLevel
from alerts.replay.firings import Firing
from alerts.replay.streaks import Judged, Streak, streaks
from alerts.rules import severity_of
from alerts.services.judging_measures import about_of, category_of, key_of
from alerts.services.rulebook import threshold_of
from tradewatch.metrics.queries import Totals

Sums = Mapping[str, Mapping[Spot, Sequence[Totals]]]  # by series, then by place: one for each window


def replay_measured(rule: AlertRule, project_ids: tuple[int, ...], *, first: int, last: int) -> Iterator[Firing]:
    """Yield what a measured rule would have fired at the whole minutes from `first` to `last` (epoch seconds)."""
    over_time = judge_over_time(rule, project_ids, first=first, last=last, ledger=Ledger())
    for spot, verdicts in sorted(over_time.items()):
        judged = ((at, v.level is Level.FIRES, v.level is Level.FINE, v.reason, v.words) for at, v in verdicts)
        about = about_of(rule, spot)
        for streak in streaks(judged, window_seconds=rule.window_seconds):
            title = f"{rule.name}: {streak.words}" + (f" of {about.title}" if about else "")
            yield _firing(rule, spot, streak, key=key_of(rule, spot), title=title, category=category_of(rule))


def replay_error_rate(rule: AlertRule, project_ids: tuple[int, ...], *, first: int, last: int) -> Iterator[Firing]:
    """Yield what the error-rate rule would have fired, in each project and environment that sent something."""
    window = max(1, rule.window_seconds // MINUTE) * MINUTE
    span, ledger = Span(tuple(range(first, last + MINUTE, MINUTE)), window), Ledger()
    before = span.before(BASELINE_MINUTES * MINUTE)
    now = {name: ledger.sums(project_ids, name, span) for name in SERIES}
    then = {name: ledger.sums(project_ids, name, before) for name in SERIES}
    for spot in sorted({spot for sums in now.values() for spot in sums}):
        judged = _rates(rule, spot, span, now, then)
        for streak in streaks(judged, window_seconds=window):
            yield _firing(rule, spot, streak, key=f"error-rate:{spot.environment}", title=streak.words)


def _rates(rule: AlertRule, spot: Spot, span: Span, now: Sums, then: Sums) -> Iterator[Judged]:
    none = [Totals()] * len(span.ends)
    nows = {name: sums.get(spot, none) for name, sums in now.items()}
    thens = {name: sums.get(spot, none) for name, sums in then.items()}
    length, threshold = timedelta(seconds=span.seconds), threshold_of(rule)
    for at, end in enumerate(span.ends):
        measured = measured_of(
            {name: sums[at] for name, sums in nows.items()},
            {name: sums[at] for name, sums in thens.items()},
            window=length,
        )
        verdict = judge_rate(measured, threshold=threshold, minimum_count=rule.minimum_count)
        yield end, verdict.level is RateLevel.ABOVE, verdict.level is RateLevel.BELOW, verdict.reason, verdict.title


def _firing(
    rule: AlertRule,
    spot: Spot,
    streak: Streak,
    *,
    key: str,
    title: str,
    category: AlertCategory = AlertCategory.ERROR,
) -> Firing:
    return Firing(
        key=key,
        title=title,
        reason=streak.reason,
        severity=severity_of(rule.severity, AlertSeverity.WARNING),
        category=category,
        source=rule.name,
        project_id=spot.project_id,
        environment=spot.environment,
        starts_at=datetime.fromtimestamp(streak.started, UTC),
        ended_at=datetime.fromtimestamp(streak.ended, UTC) if streak.ended else None,
        count=streak.count,
        tags={"environment": spot.environment} if spot.environment else {},
    )
