"""The pairs of windows that burn is looked at through.

From "Alerting on SLOs", table 5-8, in The Site Reliability Workbook (https://sre.google/workbook/alerting-on-slos/):
2% of the budget gone in an hour, 5% in six, 10% in a day and in three days; each with a short window of a twelfth, so
that the alert ends soon after the burning does.
"""

from dataclasses import dataclass
from decimal import Decimal

from sla.choices import CalendarUnit, WindowKind
from sla.figures.values import BurnPair
from sla.models import TargetVersion

PAGE, TICKET = "page", "ticket"
HOUR, DAY = 3_600, 86_400
LEAST_BAD = {PAGE: 3, TICKET: 2}
UNIT_DAYS = {
    CalendarUnit.DAY: 1,
    CalendarUnit.WEEK: 7,
    CalendarUnit.MONTH: 30,
    CalendarUnit.QUARTER: 91,
    CalendarUnit.YEAR: 365,
}
SESSION_SHARE = Decimal("0.19")  # of a year: about 252 days of six and a half hours


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a budget may go in the long window."""

    long_seconds: int
    short_seconds: int
    share: Decimal
    severity: str


SHARES = (
    Share(HOUR, HOUR // 12, Decimal("0.02"), PAGE),
    Share(6 * HOUR, HOUR // 2, Decimal("0.05"), PAGE),
    Share(DAY, 2 * HOUR, Decimal("0.10"), TICKET),
    Share(3 * DAY, 6 * HOUR, Decimal("0.10"), TICKET),
)
LONGEST_SECONDS = max(each.long_seconds for each in SHARES)


def pairs_for(period_seconds: int) -> list[BurnPair]:
    """Return the pairs of a period, the fastest first: factor = share of the budget * period / long window.

    Never under 1: whoever burns at 1 or less ends the period within the budget. So in short periods, where burning at 1
    takes more than the share, the factor is 1. Windows as long as the period are left out.
    """
    return [
        BurnPair(
            long_seconds=each.long_seconds,
            short_seconds=each.short_seconds,
            factor=max(Decimal(1), each.share * period_seconds / each.long_seconds),
            severity=each.severity,
            least_bad=LEAST_BAD[each.severity],
        )
        for each in SHARES
        if each.long_seconds < period_seconds
    ]


def usual_seconds(version: TargetVersion) -> int:
    """Return about how long the version's period counts, where no actual period is at hand."""
    if version.window == WindowKind.ROLLING:
        return version.window_days * DAY
    seconds = UNIT_DAYS[CalendarUnit(version.window_unit)] * DAY
    return int(seconds * SESSION_SHARE) if version.window == WindowKind.MARKET else seconds
