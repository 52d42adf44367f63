"""What ran where over a stretch of time, as shapes of a drawing. Values in, values out.

Places and widths are shares of the drawing's width, in percent.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.choices import DeploymentState
from releases.models import Deployment
from tradewatch.dashboard.releases.verdict_words import shown, verdict_of_end
from tradewatch.projects.versions import parse_version

_ROOM_ON_A_PHONE = 0.82
_LABEL_NEEDS = 5.0  # percent of the width
_RAN = (DeploymentState.SUCCEEDED, DeploymentState.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A version that ran, from its deployment's end to the next one's."""

    x: str
    width: str
    label: str
    title: str
    style: str


@dataclass(frozen=True, slots=True)
class Point:
    x: str
    style: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """`y` and `point_y` in rem."""

    name: str
    count: int
    stretches: tuple[Stretch, ...]
    points: tuple[Point, ...]
    finding: str
    y: str = "0"
    point_y: str = "0"


@dataclass(frozen=True, slots=True)
class Week:
    """`is_late`: so near the right edge that a phone has no room for its label."""

    x: str
    label: str
    is_late: bool = False


def lane_of(
    name: str, rows: Sequence[Deployment], start: datetime, end: datetime, *, back: Collection[int] = ()
) -> Lane:
    """Return an environment's lane. `rows`: its deployments until `end`, also those before `start`, in any order.

    `back`: the ids of those that brought an older version back.
    """
    ran = sorted((row for row in rows if row.state in _RAN and row.finished_at), key=_ended)
    stretches = [
        _stretch(row, max(_ended(row), start), min(_ended(after) if after else end, end), start, end)
        for row, after in zip(ran, [*ran[1:], None], strict=False)
        if _ended(row) < end and (after is None or _ended(after) > start)
    ]
    went = [row for row in rows if start <= _ended(row) < end]
    points = [_point(row, start, end, is_back=row.pk in back) for row in sorted(went, key=_ended)]
    said = ", ".join(f"{each.title}" for each in points[-6:]) or "nothing went out"
    return Lane(name, len(went), tuple(stretches), tuple(points), f"{name}: {said}")


def weeks_of(start: datetime, end: datetime) -> list[Week]:
    """Return the Mondays, UTC."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = [midnight + timedelta(days=number) for number in range((end - midnight).days + 1)]
    return [
        Week(_share(day - start, end - start), f"{day.day} {day:%b}", (day - start) / (end - start) > _ROOM_ON_A_PHONE)
        for day in days
        if day.weekday() == 0
    ]


def _stretch(row: Deployment, since: datetime, until: datetime, start: datetime, end: datetime) -> Stretch:
    width = 100 * ((until - since) / (end - start))
    label = parse_version(row.version).short if row.version else "?"
    style = "ov" if row.state == DeploymentState.ROLLED_BACK else "ot"
    title = f"{row.version or 'not named yet'}, {since:%d %b %H:%M} to {until:%d %b %H:%M} UTC"
    return Stretch(
        _share(since - start, end - start), f"{width:.2f}", label if width >= _LABEL_NEEDS else "", title, style
    )


def _point(row: Deployment, start: datetime, end: datetime, *, is_back: bool) -> Point:
    """Return its mark: the verdict, also of one that was rolled back; a way back is told apart from other ways."""
    stands = verdict_of_end(row) or shown(row)
    how = f"{stands.word.lower()}, rolled back" if verdict_of_end(row) else stands.word.lower()
    title = f"{row.version or 'not named yet'} {'brought back, ' if is_back else ''}{how} {_ended(row):%d %b %H:%M}"
    return Point(_share(_ended(row) - start, end - start), "back" if is_back else stands.mark, title)


def _ended(row: Deployment) -> datetime:
    return row.finished_at or row.started_at


def _share(part: timedelta, whole: timedelta) -> str:
    return f"{100 * (part / whole):.2f}"
