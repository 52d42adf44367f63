"""When maintenance held what an alert is about, for pages that tell planned outages from others.

Read from the windows as they are now: whoever deletes one, deletes it from the past too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from alerts.matchers import MatcherFault, all_match, parse_matchers
from alerts.models import Alert, MaintenanceWindow
from tradewatch.calendars.spans import Span, cut
from tradewatch.calendars.window_text import WindowFault, parse_windows
from tradewatch.calendars.windows import spans_within


@dataclass(frozen=True, slots=True)
class Planned:
    """[start, end) lies in the maintenance window `name`."""

    name: str
    start: datetime
    end: datetime


def maintenance_within(project_id: int, labels: Mapping[str, str], start: datetime, end: datetime) -> list[Planned]:
    """Return the maintenance of [start, end) that holds alerts with these labels, in the order of time."""
    own = Q(project=None) | Q(project=project_id)
    begun, going_on = Q(starts_at=None) | Q(starts_at__lt=end), Q(ends_at=None) | Q(ends_at__gt=start)
    found = [
        Planned(window.name, span.start, span.end)
        for window in MaintenanceWindow.objects.filter(own, begun, going_on).order_by("id")
        if _matches(window, labels)
        for span in _spans(window, start, end)
    ]
    return sorted(found, key=lambda planned: (planned.start, planned.end))


def last_labels(project_id: int, dedup_key: str) -> dict[str, str] | None:
    """Return the labels of the newest alert of that key; None: there never was one."""
    alerts = Alert.objects.filter(project=project_id, dedup_key=dedup_key).select_related("project", "team", "rule")
    newest = alerts.order_by("-pk").first()
    return newest.labels if newest else None


def _matches(window: MaintenanceWindow, labels: Mapping[str, str]) -> bool:
    try:
        return all_match(parse_matchers(window.matchers), labels)
    except MatcherFault:
        return False


def _spans(window: MaintenanceWindow, start: datetime, end: datetime) -> Iterator[Span]:
    low, high = max(window.starts_at or start, start), min(window.ends_at or end, end)
    if not window.windows:
        yield from cut([Span(low, high)], start, end)
        return
    try:
        yield from spans_within(parse_windows(window.windows), low, high)
    except WindowFault:
        return
