"""The list: sessions by state and owner, and captured errors that wait for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from debugging.choices import Finding, SessionState, StepState
from debugging.contexts.api import issue_id_of
from debugging.models import DebugSession
from debugging.sessions.queries import contexts_of, sessions_of
from tradewatch.core.actors import Actor
from tradewatch.core.paging import read_page
from tradewatch.dashboard.debugging.storage import storage_line
from tradewatch.dashboard.debugging.tallies import Tally, tallies_of
from tradewatch.dashboard.debugging.waiting import waiting_in
from tradewatch.dashboard.debugging.words import badge_of
from tradewatch.dashboard.pages import Choice
from tradewatch.dashboard.scope import Scope

SESSIONS_A_PAGE, CONTEXTS_SHOWN = 30, 10
FILTERS = ("state", "owner", "issue")
ALL = "all"


@dataclass(frozen=True, slots=True)
class SessionLine:
    """`done` of `steps` steps are done or skipped; `findings` found something."""

    session: DebugSession
    badge: str
    done: int
    steps: int
    findings: int
    tally: Tally


def listing_of(scope: Scope, asked: Mapping[str, str], *, actor: Actor) -> dict[str, Any]:
    """Return what the template shows: the open ones unless another state is asked for. Raises `Invalid`."""
    state = asked.get("state") or SessionState.OPEN
    rows = sessions_of(scope.project_ids, scope.environment or None).prefetch_related("steps")
    if state in SessionState.values:
        rows = rows.filter(state=state)
    owner = asked.get("owner", "")
    if owner in ("me", "none"):
        rows = rows.filter(owner=actor.id if owner == "me" else None)
    if asked.get("issue"):
        rows = rows.filter(issue=issue_id_of(asked["issue"]))
    page = read_page(rows, order=("-opened_at", "-id"), cursor=asked.get("cursor"), size=SESSIONS_A_PAGE)
    kept = {name: asked[name] for name in FILTERS if asked.get(name)}
    waiting = contexts_of(scope.project_ids, scope.environment or None).filter(debug_sessions=None)
    return {
        "lines": lines_of(page.rows),
        "states": [_choice(scope, kept, "state", value, label) for value, label in _STATES],
        "owners": [_choice(scope, kept, "owner", value, label) for value, label in _OWNERS],
        "is_filtered": bool(kept),
        "state": state,
        "clear": _link(scope, {}),
        "older": _link(scope, {**kept, "cursor": page.next}) if page.next else "",
        "first_page": _link(scope, kept) if asked.get("cursor") else "",
        "approvals": waiting_in(scope.project_ids, scope.environment, actor),
        "storage": storage_line(scope.project_ids),
        "waiting": list(waiting.order_by("-captured_at", "-id")[:CONTEXTS_SHOWN]),
    }


def lines_of(sessions: Sequence[DebugSession]) -> list[SessionLine]:
    """Read of sessions with their steps at hand."""
    tallies = tallies_of([session.pk for session in sessions])
    return [_line(session, tallies[session.pk]) for session in sessions]


def _line(session: DebugSession, tally: Tally) -> SessionLine:
    steps = list(session.steps.all())
    done = sum(step.state != StepState.TODO for step in steps)
    found = sum(step.finding == Finding.YES for step in steps)
    return SessionLine(session, badge_of(session), done, len(steps), found, tally)


_STATES = ((SessionState.OPEN.value, "Open"), ("resolved", "Resolved"), ("closed", "Closed"), (ALL, "All"))
_OWNERS = (("", "Everybody's"), ("me", "Mine"), ("none", "Nobody's"))


def _choice(scope: Scope, kept: Mapping[str, str], name: str, value: str, label: str) -> Choice:
    default = SessionState.OPEN.value if name == "state" else ""
    others = {key: each for key, each in kept.items() if key != name}
    chosen = {} if value == default else {name: value}
    return Choice(label, _link(scope, {**others, **chosen}), kept.get(name, default) == value)


def _link(scope: Scope, parameters: Mapping[str, str]) -> str:
    values = {**scope.values(), **parameters}
    return reverse("debugging") + ("?" + urlencode(values) if values else "")
