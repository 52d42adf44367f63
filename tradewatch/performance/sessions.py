"""Digests release health: counts sessions and how they went, and keeps the items for the releases to come.

Series: `sessions`, `sessions.errored` (whatever was not healthy, crashes included), `sessions.crashed`.
Source: https://develop.sentry.dev/sdk/telemetry/sessions/. Servers send `sessions`, counts by the minute; browsers and
applications send a `session` again and again as it goes on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.keep import compress_document, read_document
from tradewatch.inbox.kept_items import KeptDraft, draft_item, identity_of, identity_or_new, insert_kept
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.reading import epoch_of

SESSIONS, ERRORED, CRASHED = "sessions", "sessions.errored", "sessions.crashed"
MOST_AT_ONCE = 10_000_000  # of an aggregate's minute: one odd client must not outweigh everybody else
MOST_AGGREGATES = 5_000
_TERMINAL = frozenset({"exited", "crashed", "abnormal"})
_UNHEALTHY = frozenset({"errored", "crashed", "abnormal"})
_OUTCOMES = ("exited", "errored", "abnormal", "crashed")


@dataclass(frozen=True, slots=True)
class Count:
    """`number` more of a series, at a moment in epoch seconds."""

    series: str
    at_epoch: float
    number: int


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """A row to keep, and what it counts once it turns out to be new."""

    kept: KeptDraft
    counts: tuple[Count, ...]


class SessionHandler:
    """For `session`. Each stage of a session (begun, errored, crashed, ended) is kept and counted once, whatever its
    updates repeat and in whatever order they come."""

    def prepare(self, item: Item, arrival: Arrival) -> list[SessionDraft]:
        document = read_document(item)
        at_epoch = _moment(document.get("started"), arrival)
        stages = [(stage, series, _identity(arrival, document, stage)) for stage, series in _stages(document)]
        payload = compress_document(document, arrival, raw=item.payload)  # scrubs: what is read of it is read before
        kept = _kept(item, arrival, document, identity=uuid4(), payload=payload)
        return [
            SessionDraft(
                replace(kept, identity=identity, meta={**kept.meta, "stage": stage}),
                (Count(series, at_epoch, 1),) if series else (),
            )
            for stage, series, identity in stages
        ]

    def store(self, drafts: Sequence[list[SessionDraft]], *, now: datetime) -> None:
        _store([draft for each in drafts for draft in each])


class SessionsHandler:
    """For `sessions`: minutes counted by the client, each item kept and counted as it comes."""

    def prepare(self, item: Item, arrival: Arrival) -> SessionDraft:
        document = read_document(item)
        counts = tuple(_aggregated(document, arrival))
        identity = identity_or_new(item.type, arrival, None, item.payload)
        payload = compress_document(document, arrival, raw=item.payload)
        return SessionDraft(_kept(item, arrival, document, identity=identity, payload=payload), counts)

    def store(self, drafts: Sequence[SessionDraft], *, now: datetime) -> None:
        _store(drafts)


def _store(drafts: Sequence[SessionDraft]) -> None:
    left = insert_kept([draft.kept for draft in drafts])
    rows = []
    for draft in drafts:
        if draft.kept.identity in left:
            left.remove(draft.kept.identity)  # of two with one identity in a batch, the first was inserted
            place = draft.kept.project_id, draft.kept.environment
            rows += [CountRow(*place, each.series, each.at_epoch, each.number, each.number) for each in draft.counts]
    add_counts(rows)


def _stages(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the stages that an update shows, and the series that each counts into when it is seen first (or empty)."""
    status = document.get("status")
    named = status if isinstance(status, str) else ""
    yield "begun", SESSIONS
    if named in _UNHEALTHY or _number(document.get("errors")):
        yield "errored", ERRORED
    if named == "crashed":
        yield "crashed", CRASHED
    if named in _TERMINAL:
        yield "ended", ""


def _identity(arrival: Arrival, document: Mapping[str, Any], stage: str) -> UUID:
    sid = document.get("sid")
    return identity_of(arrival.project.id, "session", sid, stage) if isinstance(sid, str) and sid else uuid4()


def _aggregated(document: Mapping[str, Any], arrival: Arrival) -> Iterator[Count]:
    aggregates = document.get("aggregates")
    for each in aggregates[:MOST_AGGREGATES] if isinstance(aggregates, list) else ():
        if not isinstance(each, Mapping):
            continue
        at_epoch = _moment(each.get("started"), arrival)
        ended = {outcome: _number(each.get(outcome)) for outcome in _OUTCOMES}
        counted = {
            SESSIONS: sum(ended.values()),
            ERRORED: sum(ended.values()) - ended["exited"],
            CRASHED: ended["crashed"],
        }
        yield from (Count(series, at_epoch, number) for series, number in counted.items() if number)


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return min(max(value, 0), MOST_AT_ONCE)


def _moment(started: object, arrival: Arrival) -> float:
    """Return when the session began, corrected by the drift, within the retention before its arrival."""
    latest = arrival.received_at.timestamp()
    at_epoch = epoch_of(started)
    corrected = latest if at_epoch is None else at_epoch + arrival.drift.total_seconds()
    return min(max(corrected, latest - settings.EVENT_RETENTION.total_seconds()), latest)


def _kept(item: Item, arrival: Arrival, document: Mapping[str, Any], *, identity: UUID, payload: bytes) -> KeptDraft:
    attributes = document.get("attrs")
    about = attributes if isinstance(attributes, Mapping) else {}
    return draft_item(item.type, arrival, identity=identity, document=about, meta={}, payload=payload)
