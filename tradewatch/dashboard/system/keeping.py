"""What is kept of each project, for how long, and what of it has had its time: a line each kind, for /system."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Model, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Length

from debugging.models import BrowserReplay, ErrorContext
from tradewatch.dashboard import words
from tradewatch.errors.models import Event
from tradewatch.inbox.models import KeptItem
from tradewatch.performance.models import KeptTransaction, LogBlock
from tradewatch.projects.models import Project
from tradewatch.projects.retention import DAYS, how_long

MOST_PROJECTS = 10
SAMPLED = 200  # rows whose documents are measured; the rest is taken to be like them
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of rows: `moment` is what its age is counted by, `unit` the seconds of it (None: a date and time)."""

    field: str
    name: str
    model: type[Model]
    moment: str
    size: Combinable
    unit: float | None = None

    def rows(self, project_id: int) -> QuerySet[Any]:
        return self.model._default_manager.filter(project=project_id).order_by(self.moment)

    def value(self, at: datetime) -> object:
        return at if self.unit is None else int(at.timestamp() / self.unit)

    def at(self, value: Any) -> datetime:
        return value if self.unit is None else datetime.fromtimestamp(value * self.unit, UTC)


_ITEM = Coalesce(Sum(Length("chunks__data")), 0) + Length("payload")
KINDS = (
    Kept("event_days", "events", Event, "timestamp", Length("stored__data")),
    Kept("trace_days", "transactions", KeptTransaction, "hour", Length("stored__data"), unit=3600.0),
    Kept(
        "log_days",
        "blocks of log lines",
        LogBlock,
        "last_us",
        Length("bodies") + Length("heads") + Length("attributes"),
        unit=1e-6,
    ),
    Kept("context_days", "contexts", ErrorContext, "captured_at", Length("data")),
    Kept("recording_days", "recordings", BrowserReplay, "received_at", F("stored_bytes")),
    Kept("attachment_days", "attachments and items", KeptItem, "received_at", _ITEM),
)


@dataclass(frozen=True, slots=True)
class Line:
    """`past`: what is older than it is kept, and goes within the hour unless something holds it."""

    kind: str
    count: int
    size: str
    oldest: datetime | None
    days: int
    is_own: bool
    past: int


@dataclass(frozen=True, slots=True)
class Home:
    """A project with its lines; `budget` in words, empty without one."""

    project: Project
    lines: list[Line]
    budget: str


def keeping_section(project_ids: Sequence[int], now: datetime) -> dict[str, object]:
    projects = Project.objects.filter(pk__in=project_ids)
    return {
        "homes": [_home(project, now) for project in projects[:MOST_PROJECTS]],
        "further": max(0, projects.count() - MOST_PROJECTS),
    }


def _home(project: Project, now: datetime) -> Home:
    budget = project.event_budget_mb
    return Home(project, list(_lines(project, now)), words.size(budget * _MB) if budget else "")


def _lines(project: Project, now: datetime) -> Iterator[Line]:
    for kept in KINDS:
        rows = kept.rows(project.pk)
        oldest = rows.values_list(kept.moment, flat=True).first()
        own = getattr(project, kept.field)
        length: timedelta = how_long(own, getattr(settings, DAYS[kept.field]))
        count = rows.count()
        yield Line(
            kind=kept.name,
            count=count,
            size=_size(kept, rows, count),
            oldest=None if oldest is None else kept.at(oldest),
            days=length.days,
            is_own=own is not None,
            past=rows.filter(**{f"{kept.moment}__lt": kept.value(now - length)}).count(),
        )


def _size(kept: Kept, rows: QuerySet[Any], count: int) -> str:
    """Return what the documents take, in words, by the newest of them."""
    if not count:
        return ""
    newest = rows.reverse().annotate(size=kept.size).values_list("size", flat=True)[:SAMPLED]
    sizes: list[int] = [size or 0 for size in newest]
    return "≈ " + words.size(sum(sizes) / len(sizes) * count)


def standing_words(disk: Mapping[str, Any]) -> str:
    """Return in a sentence where the disk stands between its marks; empty while it is well."""
    free = words.size(disk["free_bytes"]) if disk["free_bytes"] is not None else ""
    if disk["level"] == "critical":
        return f"Events are refused (429): {free} free, below {words.size(disk['critical_mark_free_bytes'])}"
    if disk["level"] == "high" or disk.get("is_clearing"):
        return f"Old data is cleared for room: {free} free, until {words.size(disk['low_mark_free_bytes'])} are"
    return ""
