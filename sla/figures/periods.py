"""The stretches that a version is judged over, and when within them it counts.

Rolling windows are absolute: the last N * 24 hours up to the running minute. Calendar periods lie between midnights of
the version's zone. Market windows are the periods of `window_unit` in the market's own zone, of which only session
time counts; where its calendar has no data nothing counts, and `Period.unknown` says so.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sla.choices import WindowKind
from sla.excluded import excluded_windows
from sla.figures.bounds import DAY, Days, PeriodFault, days_holding, days_named
from sla.figures.stretches import outward, whole_minute
from sla.figures.values import Period
from sla.models import TargetVersion
from tradewatch.calendars import queries
from tradewatch.calendars.sessions import Market, known_span, session_spans
from tradewatch.calendars.spans import Span, between, common, without
from tradewatch.calendars.wall_clock import reading_at, zone_named
from tradewatch.calendars.windows import spans_within

ReadMarket = Callable[[str, datetime, datetime], Market | None]


def current_period(version: TargetVersion, now: datetime, *, markets: ReadMarket = queries.market) -> Period:
    """Return the period that runs at `now`; a rolling one ends with it."""
    if version.window == WindowKind.ROLLING:
        return period_of_days(version, version.window_days, now, markets=markets)
    zone = _zone(version, now, markets)
    return _of_days(version, days_holding(version.window_unit, reading_at(now, zone).date()), now, markets)


def period_named(version: TargetVersion, name: str, now: datetime, *, markets: ReadMarket = queries.market) -> Period:
    """Return a period by its name (`figures.bounds`), whatever the version's own window. Raises `PeriodFault`."""
    period = _of_days(version, days_named(name), now, markets)
    if period.start > now:
        raise PeriodFault(f"{name} has not begun yet")
    return period


def period_of_days(version: TargetVersion, days: int, now: datetime, *, markets: ReadMarket = queries.market) -> Period:
    """Return the last `days` * 24 hours up to the running minute, whatever the version's own window."""
    end = whole_minute(now)
    return period_from(
        version, end - days * DAY, end, f"last {days} days" if days != 1 else "last day", markets=markets
    )


def periods_between(
    version: TargetVersion, start: datetime, end: datetime, *, markets: ReadMarket = queries.market
) -> list[Period]:
    """Return the version's periods that touch `start` to `end`, oldest first.

    Of a rolling window those that end at `end`, one window before it, and so on: they do not overlap.
    """
    if version.window == WindowKind.ROLLING:
        count = -(-(end - start) // (version.window_days * DAY))
        ends = [end - number * version.window_days * DAY for number in reversed(range(count))]
        return [period_of_days(version, version.window_days, each, markets=markets) for each in ends]
    zone = _zone(version, start, markets)
    found: list[Period] = []
    days = days_holding(version.window_unit, reading_at(start, zone).date())
    while days.span(zone).start < end:
        found.append(_of_days(version, days, start, markets))
        days = days_holding(version.window_unit, days.until)
    return found


def period_from(
    version: TargetVersion, start: datetime, end: datetime, label: str, *, markets: ReadMarket = queries.market
) -> Period:
    """Return any stretch as the version counts it: in sessions of its market, without its `excluded_times`."""
    market = markets(version.market, start, end) if version.window == WindowKind.MARKET else None
    sessions, unknown = _sessions(version, start, end, market)
    windows = excluded_windows(version.excluded_times)
    excluded = common(sessions, spans_within(windows, start, end)) if windows else []
    return Period(start, end, label, tuple(without(sessions, excluded)), tuple(unknown), tuple(excluded))


def _of_days(version: TargetVersion, days: Days, now: datetime, markets: ReadMarket) -> Period:
    span = days.span(_zone(version, now, markets))
    return period_from(version, span.start, span.end, days.label, markets=markets)


def _zone(version: TargetVersion, at: datetime, markets: ReadMarket) -> ZoneInfo:
    market = markets(version.market, at, at) if version.window == WindowKind.MARKET else None
    return market.zone if market else zone_named(version.zone)


def _sessions(
    version: TargetVersion, start: datetime, end: datetime, market: Market | None
) -> tuple[list[Span], list[Span]]:
    """Return (when it counts, what is unknown). A minute in which a session begins or ends counts whole."""
    if version.window != WindowKind.MARKET:
        return [Span(start, end)], []
    known = known_span(market, start, end) if market else None
    if market is None or known is None:
        return [], [Span(start, end)]
    trading = common(outward(session_spans(market, known.start, known.end)), [known])
    return trading, between([known], start, end)
