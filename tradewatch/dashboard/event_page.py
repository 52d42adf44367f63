"""What the event's part of an issue's page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewatch.core.panels import render_panels
from tradewatch.dashboard.attachments import attachments_of, feedback_of
from tradewatch.dashboard.document import EventView, read_document
from tradewatch.dashboard.document.crumbs import Crumb
from tradewatch.dashboard.document.exceptions import Raised
from tradewatch.dashboard.document.frames import FrameGroup
from tradewatch.dashboard.issue_facts import places_around
from tradewatch.dashboard.issue_links import IssueLinks
from tradewatch.dashboard.pages import Choice
from tradewatch.errors.models import Event, Issue

ALL_FRAMES = "all"
CRUMBS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """An exception with its frames grouped as the reader chose: our code, or all."""

    raised: Raised
    groups: list[FrameGroup]


@dataclass(frozen=True, slots=True)
class CrumbPart:
    is_older: bool
    rows: Sequence[Crumb]


@dataclass(frozen=True, slots=True)
class Jump:
    name: str
    anchor: str
    count: int = 0


def event_context(issue: Issue, event: Event, links: IssueLinks, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the template's values. `asked`: `frames=all` unfolds libraries, `thread=ID` shows that thread's stack."""
    document = read_document(event.payload, thread=asked.get("thread", "")[:60])
    is_folded = asked.get("frames") != ALL_FRAMES
    attachments = attachments_of(event)
    feedback = feedback_of(issue)
    threads = document.threads
    older = document.crumbs.rows[:-CRUMBS_SHOWN]
    return {
        "document": document,
        "places": places_around(event, issue),
        "exceptions": [Shown(each, each.stack.grouped(is_folded=is_folded)) for each in document.exceptions],
        "thread_groups": threads.stack.grouped(is_folded=is_folded) if threads and threads.stack else [],
        "thread_href": links.event(event, thread="_")[: -len("_")],
        "frame_choices": _frame_choices(event, document, links, is_folded=is_folded),
        "frames_query": "",
        "crumb_parts": [CrumbPart(True, older), CrumbPart(False, document.crumbs.rows[-CRUMBS_SHOWN:])],
        "older_crumbs": len(older),
        "attachments": attachments,
        "feedback": feedback,
        "jumps": _jumps(document, attachments=len(attachments)),
        "event_panels": render_panels("event", event.pk),
    }


def _frame_choices(event: Event, document: EventView, links: IssueLinks, *, is_folded: bool) -> list[Choice]:
    every = f"All {document.frame_count:,}"
    return [
        Choice("Our code", links.event(event), is_folded),
        Choice(every, links.event(event, frames=ALL_FRAMES), not is_folded),
    ]


def _jumps(document: EventView, *, attachments: int) -> list[Jump]:
    """Return the parts that the event has, in the page's order."""
    has_chain = len(document.exceptions) > 1
    threads = len(document.threads.rows) if document.threads else 0
    jumps = [Jump(each.type, each.anchor) for each in document.exceptions[:6] if has_chain and each.anchor]
    parts = [
        (bool(document.message), Jump("Message", "message")),
        (threads > 0, Jump("Threads", "threads", threads)),
        (bool(document.crumbs.rows), Jump("Breadcrumbs", "breadcrumbs", document.crumbs.count)),
        (document.request is not None, Jump("Request", "request")),
        (attachments > 0, Jump("Attachments", "attachments", attachments)),
        (bool(document.contexts), Jump("Contexts", "contexts", len(document.contexts))),
        (bool(document.user), Jump("User", "user")),
    ]
    return jumps + [jump for is_there, jump in parts if is_there]
