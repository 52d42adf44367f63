"""Digests release health: counts sessions and how they went, of the project and of each release, and keeps the items.

Series: `sessions`, `sessions.errored` (whatever was not healthy, crashes included), `sessions.crashed`; sketches of
their users: `sessions.users`, `sessions.users.crashed`. The same with `release:<id>:` before it count a release's own.
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
from tradewatch.metrics.services import CountRow, DistinctRow, add_counts, add_distinct
from tradewatch.performance.reading import epoch_of
from tradewatch.projects.sightings import see_environments, see_releases, see_sightings

SESSIONS, ERRORED, CRASHED = "sessions", "sessions.errored", "sessions.crashed"
USERS, CRASHED_USERS = "sessions.users", "sessions.users.crashed"
MOST_AT_ONCE = 10_000_000  # of an aggregate's minute: one odd client must not outweigh everybody else
MOST_AGGREGATES = 5_000
LONGEST_USER = 1000  # of a `did`, which is an id or a hash; what is longer is told apart by its beginning
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
class Met:
    """A user met in a session that began at a moment in epoch seconds. Only a hash is kept, as of any user."""

    user: str
    at_epoch: float
    has_crashed: bool


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """A row to keep, what it counts once it turns out to be new, and whom it met, which counts once by itself."""

    kept: KeptDraft
    counts: tuple[Count, ...]
    met: tuple[Met, ...] = ()


class SessionHandler:
    """For `session`. Each stage of a session (begun, errored, crashed, ended) is kept and counted once, whatever its
    updates repeat and in whatever order they come."""

    def prepare(self, item: Item, arrival: Arrival) -> list[SessionDraft]:
        document = read_document(item)
        at_epoch = _moment(document.get("started"), arrival)
        stages = [(stage, series, _identity(arrival, document, stage)) for stage, series in _stages(document)]
        met = tuple(_met(document, at_epoch, has_crashed=document.get("status") == "crashed"))
        payload = compress_document(document, arrival, raw=item.payload)  # scrubs: what is read of it is read before
        kept = _kept(item, arrival, document, identity=uuid4(), payload=payload)
        return [
            SessionDraft(
                replace(kept, identity=identity, meta={**kept.meta, "stage": stage}),
                (Count(series, at_epoch, 1),) if series else (),
                met,
            )
            for stage, series, identity in stages
        ]

    def store(self, drafts: Sequence[list[SessionDraft]], *, now: datetime) -> None:
        _store([draft for each in drafts for draft in each], now=now)


class SessionsHandler:
    """For `sessions`: minutes counted by the client, each item kept and counted as it comes."""

    def prepare(self, item: Item, arrival: Arrival) -> SessionDraft:
        document = read_document(item)
        minutes = list(_minutes(document, arrival))
        counts = tuple(count for at_epoch, each in minutes for count in _aggregated(each, at_epoch))
        met = tuple(user for at_epoch, each in minutes for user in _met_in_minute(each, at_epoch))
        identity = identity_or_new(item.type, arrival, None, item.payload)
        payload = compress_document(document, arrival, raw=item.payload)
        return SessionDraft(_kept(item, arrival, document, identity=identity, payload=payload), counts, met)

    def store(self, drafts: Sequence[SessionDraft], *, now: datetime) -> None:
        _store(drafts, now=now)


def of_release(release_id: int, series: str) -> str:
    """Return the series that counts a release's own of `series`."""
    return f"release:{release_id}:{series}"


def _store(drafts: Sequence[SessionDraft], *, now: datetime) -> None:
    releases = _see([draft.kept for draft in drafts], now=now)
    left = insert_kept([draft.kept for draft in drafts])
    counts, met = [], []
    for draft in drafts:
        own = releases.get((draft.kept.project_id, draft.kept.release))
        if draft.kept.identity in left:
            left.remove(draft.kept.identity)  # of two with one identity in a batch, the first was inserted
            counts += list(_count_rows(draft, own))
        met += list(_distinct_rows(draft, own))
    add_counts(counts)
    add_distinct(met)


def _see(kept: Sequence[KeptDraft], *, now: datetime) -> Mapping[tuple[int, str], int]:
    """Write which releases and environments were met; return {(project, version): release id}."""
    releases = see_releases({(each.project_id, each.release) for each in kept}, now=now)
    see_environments({(each.project_id, each.environment) for each in kept}, now=now)
    places = {(each.project_id, each.release, each.environment) for each in kept if each.release}
    see_sightings(
        ((releases[project_id, version].id, environment) for project_id, version, environment in places), now=now
    )
    return {key: seen.id for key, seen in releases.items()}


def _count_rows(draft: SessionDraft, release_id: int | None) -> Iterator[CountRow]:
    place = draft.kept.project_id, draft.kept.environment
    for each in draft.counts:
        for series in _series(each.series, release_id):
            yield CountRow(*place, series, each.at_epoch, each.number, each.number)


def _distinct_rows(draft: SessionDraft, release_id: int | None) -> Iterator[DistinctRow]:
    place = draft.kept.project_id, draft.kept.environment
    for each in draft.met:
        for name in (USERS, CRASHED_USERS) if each.has_crashed else (USERS,):
            for series in _series(name, release_id):
                yield DistinctRow(*place, series, each.at_epoch, each.user)


def _series(name: str, release_id: int | None) -> Sequence[str]:
    return (name,) if release_id is None else (name, of_release(release_id, name))


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


def _minutes(document: Mapping[str, Any], arrival: Arrival) -> Iterator[tuple[float, Mapping[str, Any]]]:
    aggregates = document.get("aggregates")
    for each in aggregates[:MOST_AGGREGATES] if isinstance(aggregates, list) else ():
        if isinstance(each, Mapping):
            yield _moment(each.get("started"), arrival), each


def _aggregated(minute: Mapping[str, Any], at_epoch: float) -> Iterator[Count]:
    ended = {outcome: _number(minute.get(outcome)) for outcome in _OUTCOMES}
    counted = {
        SESSIONS: sum(ended.values()),
        ERRORED: sum(ended.values()) - ended["exited"],
        CRASHED: ended["crashed"],
    }
    return (Count(series, at_epoch, number) for series, number in counted.items() if number)


def _met_in_minute(minute: Mapping[str, Any], at_epoch: float) -> Iterator[Met]:
    if any(_number(minute.get(outcome)) for outcome in _OUTCOMES):
        yield from _met(minute, at_epoch, has_crashed=_number(minute.get("crashed")) > 0)


def _met(document: Mapping[str, Any], at_epoch: float, *, has_crashed: bool) -> Iterator[Met]:
    user = document.get("did")
    if isinstance(user, str) and user:
        yield Met(user[:LONGEST_USER], at_epoch, has_crashed)


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
