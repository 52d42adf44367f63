"""The list of alerts: a page of them, what holds each and what comes next, those of one group together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from alerts.choices import AlertState, GroupState
from alerts.engine.plans import read_plan
from alerts.matchers import all_match
from alerts.models import Alert, AlertGroup
from alerts.policies.steps import describe
from alerts.standing import Standings, next_step_at, open_groups, with_groups
from alerts.words import clock_words
from tradewatch.core.paging import cursor_of, read_page
from tradewatch.dashboard.alerting.filters import HELD, Filters
from tradewatch.dashboard.alerting.page import owner_of

PAGE_SIZE = 50
READ_AT_ONCE = 500
MOST_LOOKED_AT = 5_000  # rows that matchers are asked of for one page; "Older" goes on from there
LABEL_FIELDS = (
    *("starts_at", "severity", "category", "environment", "source", "dedup_key", "tags"),
    *("project__slug", "team__slug", "rule__name"),
)
ORDER = ("-starts_at", "-id")
Fits = Callable[[Alert], bool]


@dataclass(frozen=True, slots=True)
class Line:
    """`held`: why nobody is told now, empty where nothing holds it. `next`: who is asked when, in words."""

    alert: Alert
    owner: str
    held: Sequence[str]
    next: str


@dataclass(frozen=True, slots=True)
class Block:
    """Alerts of one open group, or one alone (`group` None). `count`: open alerts of the group, shown or not."""

    group: AlertGroup | None
    count: int
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listing:
    """`has_looked_far`: matchers were asked of so many rows that the page ends before it is full."""

    blocks: Sequence[Block]
    cursor: str | None
    has_looked_far: bool


def list_alerts(alerts: QuerySet[Alert], filters: Filters, *, cursor: str | None, now: datetime) -> Listing:
    """Return a page of the alerts that fit. Raises `Invalid` for a cursor that is none."""
    standings = Standings()
    rows, following, has_looked_far = _collect(alerts, filters, standings, cursor)
    lines = [_line(alert, standings, now=now) for alert in rows]
    return Listing(_blocks(lines), following, has_looked_far)


def _collect(
    alerts: QuerySet[Alert], filters: Filters, standings: Standings, cursor: str | None
) -> tuple[list[Alert], str | None, bool]:
    """Read on until a page is full, and no further than MOST_LOOKED_AT rows."""
    if filters.state == HELD:
        return _pick(with_groups(alerts), lambda alert: _is_held(alert, filters, standings), cursor)
    if filters.matchers:  # what stands in a line is read of those that are found
        found, following, far = _pick(
            alerts.select_related("project", "team", "rule").only(*LABEL_FIELDS),
            lambda alert: all_match(filters.matchers, alert.labels),
            cursor,
        )
        return list(with_groups(Alert.objects.filter(pk__in=[a.pk for a in found])).order_by(*ORDER)), following, far
    page = read_page(with_groups(alerts), order=ORDER, cursor=cursor, size=PAGE_SIZE)
    return page.rows, page.next, False


def _is_held(alert: Alert, filters: Filters, standings: Standings) -> bool:
    return all_match(filters.matchers, alert.labels) and bool(standings.suppressed_by(alert))


def _pick(alerts: QuerySet[Alert], fits: Fits, cursor: str | None) -> tuple[list[Alert], str | None, bool]:
    found, looked_at = list[Alert](), 0
    while True:
        page = read_page(alerts, order=ORDER, cursor=cursor, size=READ_AT_ONCE)
        for alert in page.rows:
            if fits(alert):
                found.append(alert)
                if len(found) == PAGE_SIZE:
                    is_last = alert is page.rows[-1] and page.next is None
                    return found, None if is_last else cursor_of(alert, ORDER), False
        looked_at, cursor = looked_at + len(page.rows), page.next
        if cursor is None or looked_at >= MOST_LOOKED_AT:
            return found, cursor, cursor is not None


def _line(alert: Alert, standings: Standings, *, now: datetime) -> Line:
    return Line(alert, owner_of(alert), standings.suppressed_by(alert), next_words(alert, now=now))


def next_words(alert: Alert, *, now: datetime) -> str:
    """Return `step 2 asks Priya Nair at 15:20 UTC`; empty: nobody is asked next."""
    at = next_step_at(alert) if alert.state == AlertState.FIRING else None
    if at is None:
        return ""
    group = next(group for group in open_groups(alert) if group.step_at == at)
    policy, step = read_plan(group.plan).policy, group.step
    if policy is None or step is None or step >= len(policy.steps):
        return ""
    when = "now" if at <= now else f"at {clock_words(at, now=now)}"
    return f"step {step + 1} asks {describe(policy.steps[step])} {when}"


def _blocks(lines: Sequence[Line]) -> list[Block]:
    """Return the lines in their order, those that share an open group drawn together at the first of them."""
    counts = _open_counts({group.pk for line in lines for group in open_groups(line.alert)})
    blocks: list[Block] = []
    by_group: dict[int, Block] = {}
    for line in lines:
        shared = [group for group in open_groups(line.alert) if counts.get(group.pk, 0) > 1]
        if not shared or not line.alert.is_open:
            blocks.append(Block(None, 1, [line]))
        elif shared[0].pk in by_group:
            by_group[shared[0].pk].lines.append(line)
        else:
            block = Block(shared[0], counts[shared[0].pk], [line])
            by_group[shared[0].pk] = block
            blocks.append(block)
    return blocks


def _open_counts(group_ids: set[int]) -> dict[int, int]:
    is_open = Count("members", filter=~Q(members__alert__state=AlertState.RESOLVED))
    rows = AlertGroup.objects.filter(pk__in=group_ids).exclude(state=GroupState.ENDED).order_by()
    return dict(rows.annotate(open=is_open).values_list("pk", "open"))
