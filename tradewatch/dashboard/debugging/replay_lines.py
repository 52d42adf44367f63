"""The replays of a session as the page lists them: what was changed, what came of it, how it differs. Newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString

from debugging.choices import ReplayState, Reproduced
from debugging.models import DebugSession, Replay
from debugging.replays.recording import ENDED, read_replay
from debugging.replays.verifying import lacking
from tradewatch.core.actors import Actor
from tradewatch.core.paging import read_page
from tradewatch.dashboard import words
from tradewatch.dashboard.debugging.changed_words import changed_words
from tradewatch.dashboard.debugging.differences import Differences, differences_of
from tradewatch.dashboard.debugging.outcomes import Outcome, outcome_of
from tradewatch.dashboard.debugging.previews import request_html, response_html
from tradewatch.dashboard.debugging.waiting import asked_by

REPLAYS_A_PAGE = 6


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """`status` and `seconds` in words: of the original where it is known, then of the replay.

    `needs_you`: it waits for somebody else than who asked, and whoever looks may be that one. `lacks`: what it lacks to
    verify a fix, empty where nothing; None: it is not asked. `event` is the id of the error that came back.
    """

    replay: Replay
    outcome: Outcome
    changed: Sequence[str]
    status: str
    seconds: str
    differences: Differences
    request: SafeString
    response: SafeString
    is_waiting: bool
    needs_you: bool
    may_repeat: bool
    is_unsettled: bool
    event: str
    lacks: Sequence[str] | None = None


def replay_lines(session: DebugSession, actor: Actor, cursor: str | None, captured_body: Any) -> dict[str, Any]:
    """Return a page of them, and where the next begins. Raises `Invalid` for a bad cursor."""
    rows = Replay.objects.filter(session=session, batch=None)
    page = read_page(rows, order=("-id",), cursor=cursor, size=REPLAYS_A_PAGE)
    lines = [line_of(row, actor, captured_body) for row in page.rows]
    if not cursor and session.is_open:
        lines = _with_lacks(lines)
    return {"replays": lines, "older_replays": page.next or "", "is_older_replays": bool(cursor)}


def _with_lacks(lines: Sequence[ReplayLine]) -> list[ReplayLine]:
    """Say of the newest that brought no error whether it verifies a fix: asking it of all would read the error anew."""
    newest = next((each for each in lines if each.replay.reproduced == Reproduced.NO), None)
    return [replace(each, lacks=lacking(read_replay(each.replay.pk))) if each is newest else each for each in lines]


def line_of(row: Replay, actor: Actor, captured_body: Any) -> ReplayLine:
    diff, response = row.diff or {}, row.response or {}
    is_waiting = row.state == ReplayState.WAITING
    is_under_way = row.state in (ReplayState.QUEUED, ReplayState.RUNNING)
    return ReplayLine(
        row,
        outcome_of(row),
        changed_words(row.modifications, captured_body),
        _against(_side(diff, "status", "before"), response.get("status"), str),
        _against(_side(diff, "seconds", "before"), response.get("seconds"), words.seconds),
        differences_of(diff),
        request_html(row.request),
        response_html(response) if response else SafeString(""),
        is_waiting,
        is_waiting and not asked_by(row, actor),
        not is_waiting and not is_under_way,
        is_under_way or (row.reproduced == Reproduced.PENDING and row.state in ENDED),
        row.event_id.hex if row.event_id else "",
    )


def _against(before: Any, after: Any, say: Any) -> str:
    if after is None:
        return ""
    return f"{say(before)} → {say(after)}" if before is not None else say(after)


def _side(diff: Mapping[str, Any], name: str, side: str) -> Any:
    part = diff.get(name)
    return part.get(side) if isinstance(part, Mapping) else None
