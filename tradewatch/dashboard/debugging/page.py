"""The workbench of one session: what is known on the left, the questions in the middle, the trail on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from debugging.choices import Finding, StepState
from debugging.models import DebugSession, SessionStep
from debugging.sessions.queries import possible_owners
from debugging.sessions.reading import error_id_of, parts_of
from tradewatch.dashboard.debugging.moment import lines_of
from tradewatch.dashboard.debugging.patterns import session_patterns
from tradewatch.dashboard.debugging.recordings import lines_of_session
from tradewatch.dashboard.debugging.words import badge_of, finding_style, finding_word, tick_of
from tradewatch.dashboard.document import EventView, read_document
from tradewatch.dashboard.document.frames import Frame
from tradewatch.dashboard.event_page import Shown

ENTRIES_SHOWN, CRUMBS_SHOWN = 100, 15


@dataclass(frozen=True, slots=True)
class Figure:
    """A share that a bar draws, from 0.0 to 1.0, with its words."""

    ratio: float
    words: str


@dataclass(frozen=True, slots=True)
class StepLink:
    """`is_outside`: a page of the repository's host, not of ours."""

    name: str
    path: str
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class StepLine:
    step: SessionStep
    tick: str
    word: str
    style: str
    figures: Sequence[Figure]
    links: Sequence[StepLink]


def page_of(session: DebugSession) -> dict[str, Any]:
    """Return what the template shows."""
    parts = parts_of(session)
    error = session.event or session.context
    document = read_document(error.payload if error else {})
    steps = [_line(step) for step in session.steps.all()]
    return {
        "session": session,
        "badge": badge_of(session),
        "error_id": error_id_of(session),
        "document": document,
        "exceptions": [Shown(each, each.stack.grouped(is_folded=True)) for each in document.exceptions],
        "variables": variables_of(document),
        "story": document.crumbs.rows[-CRUMBS_SHOWN:],
        "moment": lines_of(parts),
        "recordings": lines_of_session(session),
        "steps": steps,
        "done": sum(each.step.state != StepState.TODO for each in steps),
        "findings": [each for each in steps if each.step.finding == Finding.YES],
        "entries": session.entries.order_by("-id")[:ENTRIES_SHOWN],
        "people": possible_owners(session.project_id),
        **session_patterns(session),
    }


def variables_of(document: EventView) -> Frame | None:
    """Return the innermost of our frames that has variables, of the error that was raised last."""
    frames = [frame for raised in document.exceptions for frame in raised.stack.frames]
    return next((frame for frame in frames if frame.is_ours and frame.variables), None)


def _line(step: SessionStep) -> StepLine:
    return StepLine(
        step, tick_of(step), finding_word(step), finding_style(step), figures_of(step.evidence), links_of(step.evidence)
    )


def figures_of(evidence: dict[str, Any]) -> list[Figure]:
    """Return the shares of what failing requests have in common, to be drawn."""
    return [
        Figure(each["failing"] / each["failing_of"], f"{each['key']} {each['value']}")
        for each in evidence.get("shared", [])[:3]
    ]


def links_of(evidence: dict[str, Any]) -> list[StepLink]:
    """Return the pages that the evidence was read from."""
    named = [*evidence.get("bursts", []), *evidence.get("failed", [])]
    links = [StepLink(str(each.get("title") or each.get("name"))[:60], each["link"]) for each in named[:3]]
    commits = [each for each in evidence.get("commits", [])[:3] if each["link"].startswith(("https://", "http://"))]
    links += [StepLink(each["sha"][:7], each["link"], is_outside=True) for each in commits]
    return links + ([StepLink("Look at it", evidence["link"])] if "link" in evidence else [])
