"""How the pages of being on call say times and layers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.choices import RotationKind
from alerts.models import Rotation
from tradewatch.calendars.wall_clock import next_clock_change, offset_change, reading_at

KINDS = {RotationKind.HOURLY: "hour", RotationKind.DAILY: "day", RotationKind.WEEKLY: "week"}


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Return `Tue 24 Nov 09:00` on the zone's clock."""
    shown = reading_at(moment, zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"


def local_day(moment: datetime, zone: ZoneInfo) -> str:
    shown = reading_at(moment, zone)
    return f"{shown:%a} {shown.day} {shown:%b}"


def local_clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{reading_at(moment, zone):%H:%M}"


def city(zone: str) -> str:
    """Return `New York` of `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def rotation_words(rotation: Rotation) -> str:
    """Return `daily, 09:00`, `every 2 weeks, Fri 17:00` or `every 12 h, 09:00`."""
    clock = f"{rotation.handoff_time:%H:%M}"
    if rotation.kind == RotationKind.CUSTOM:
        hours = (rotation.shift_minutes or 0) / 60
        return f"every {hours:g} h, {clock}"
    day = f"{rotation.starts_on:%a} " if rotation.kind == RotationKind.WEEKLY else ""
    if rotation.every == 1:
        return f"{rotation.get_kind_display().lower()}, {day}{clock}"
    return f"every {rotation.every} {KINDS[RotationKind(rotation.kind)]}s, {day}{clock}"


def clock_change_words(now: datetime, zone: ZoneInfo, *, within: timedelta) -> tuple[datetime, str, str] | None:
    """Return the next clock change, what happens, and what it means for handoffs; None: none within."""
    change = next_clock_change(now, zone, within=within)
    if change is None:
        return None
    step = offset_change(change, zone)
    after = reading_at(change, zone)
    before = after - step
    if step > timedelta(0):
        what = f"{before:%H:%M} to {after:%H:%M} does not exist: shifts over it are {_length(step)} shorter."
        return change, what, f"A handoff set within it takes place at {after:%H:%M}."
    what = f"{after:%H:%M} to {before:%H:%M} comes twice: shifts over it are {_length(-step)} longer."
    return change, what, "Of a handoff set within it, the first counts."


def _length(step: timedelta) -> str:
    minutes = int(step.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
