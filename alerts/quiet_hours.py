"""Quiet hours as rows: their plan with the market they follow, and their state now."""

from datetime import datetime

from alerts.models import QuietHours
from alerts.suppression.quiet import QuietPlan, QuietState, quiet_state
from tradewatch.calendars.queries import market
from tradewatch.calendars.window_text import WindowFault, parse_windows


def quiet_plan(quiet: QuietHours, now: datetime) -> QuietPlan:
    """Return the plan; windows that cannot be read hold nothing back."""
    try:
        windows = tuple(parse_windows(quiet.windows))
    except WindowFault:
        windows = ()
    return QuietPlan(
        windows=windows,
        calendar=quiet.calendar,
        market=market(quiet.calendar, now, now) if quiet.calendar else None,
        in_breaks=quiet.is_quiet_in_breaks,
    )


def quiet_now(quiet: QuietHours, now: datetime) -> QuietState:
    return quiet_state(quiet_plan(quiet, now), now)
