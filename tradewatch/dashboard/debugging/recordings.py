"""Recordings of browsers on pages: the page of one, and the lines on an issue's and a session's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from debugging.choices import RefKind
from debugging.models import BrowserReplay, DebugSession
from debugging.recordings.queries import MOST_ENTRIES, counts_of, entries_of, missing_of, segments_of
from debugging.recordings.tying import recordings_of_error, recordings_of_issue
from debugging.sessions.opening import subject_of
from tradewatch.errors.models import Event, Issue

SHOWN, MISSING_SHOWN = 5, 10
KINDS = {
    "page": "page",
    "navigation": "page",
    "click": "click",
    "slow": "slow click",
    "input": "input",
    "console": "console",
    "request": "request",
    "error": "error",
    "note": "note",
}
_STYLES = {"error": "sev error", "warning": "sev warning"}
_COUNT_WORDS = (
    ("click", "click"),
    ("slow", "click without an effect"),
    ("console.bad", "console error"),
    ("request.bad", "failed request"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`offset`: since the start, "1:05". `link` leads to the stored event of an error."""

    at: datetime
    offset: str
    kind: str
    style: str
    text: str
    link: Event | None = None


def page_of_recording(row: BrowserReplay, *, is_narrow: bool) -> dict[str, Any]:
    """Return what the template shows. `is_narrow`: only what failed or took no effect."""
    segments = segments_of(row)
    read = entries_of(segments)
    errors = errors_of(row)
    entries = sorted([*(_entry(row, each) for each in read), *_of_errors(row, errors)], key=lambda each: each.at)
    wanted = [each for each in entries if each.style or not is_narrow]
    counts = counts_of(segments)
    missing = missing_of(segments)
    return {
        "recording": row,
        "length": offset_words((row.ended_at - row.started_at).total_seconds()),
        "entries": wanted[:MOST_ENTRIES],
        "left_out": max(0, len(wanted) - MOST_ENTRIES),
        "is_narrow": is_narrow,
        "figures": [(counts[name], words) for name, words in _COUNT_WORDS if counts[name]],
        "errors": errors,
        "urls": row.visited,
        "missing": missing[:MISSING_SHOWN],
        "missing_more": max(0, len(missing) - MISSING_SHOWN),
        "refused": [segment for segment in segments if segment.refused],
    }


def errors_of(row: BrowserReplay) -> Sequence[Event]:
    """Return the stored events that the recording names, in the order of time."""
    named = row.refs.filter(kind=RefKind.ERROR).values("value")
    events = Event.objects.filter(project=row.project_id, event_id__in=named).select_related("issue")
    return list(events.order_by("timestamp", "id")[:MOST_ENTRIES])


def lines_of_session(session: DebugSession) -> list[BrowserReplay]:
    return _newest(recordings_of_error(subject_of(session)))


def issue_recordings_panel(issue_id: int) -> SafeString | None:
    """Return the panel of an issue's page; None where no browser recorded it."""
    issue = Issue.objects.filter(pk=issue_id).first()
    rows = _newest(recordings_of_issue(issue.project_id, issue.pk)) if issue else []
    if not rows:
        return None
    context = {"recordings": rows, "now": timezone.now()}
    return SafeString(render_to_string("debugging/_recordings.html", context))


def offset_words(seconds: float) -> str:
    """Return "0:05" or "1:02:05"."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _newest(rows: QuerySet[BrowserReplay]) -> list[BrowserReplay]:
    return list(rows.order_by("-started_at", "-id")[:SHOWN])


def _entry(row: BrowserReplay, entry: dict[str, Any]) -> Entry:
    at = datetime.fromtimestamp(entry["at"] / 1000, UTC)
    offset = offset_words((at - row.started_at).total_seconds())
    return Entry(at, offset, KINDS.get(entry["kind"], "note"), _STYLES.get(entry["level"], ""), entry["text"])


def _of_errors(row: BrowserReplay, events: Iterable[Event]) -> list[Entry]:
    return [
        Entry(
            event.timestamp,
            offset_words((event.timestamp - row.started_at).total_seconds()),
            "error",
            _STYLES["error"],
            event.issue.title,
            event,
        )
        for event in events
    ]
