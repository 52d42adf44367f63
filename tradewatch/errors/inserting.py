"""The rows of a batch's events and their documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewatch.core import bulk
from tradewatch.errors.drafts import Draft, ReleaseKey
from tradewatch.errors.standings import Standing
from tradewatch.projects.sightings import SeenRelease


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft with its issue. `is_stored` False: above the spike limit, counted only."""

    draft: Draft
    standing: Standing
    is_stored: bool


_EVENT_COLUMNS = (
    *("project_id", "event_id", "issue_id", "timestamp", "received_at", "severity", "environment"),
    *("release_id", '"transaction"', "trace_id", "is_simulated"),  # quoted: a word of SQL
)


def insert_events(placed: Sequence[Placed], releases: Mapping[ReleaseKey, SeenRelease]) -> list[Placed]:
    """Insert events with their payloads; return what counts: those really inserted and those above the limit."""
    rows = [_event_row(each, releases) for each in placed if each.is_stored]
    ids = bulk.insert_new_ids("errors_event", _EVENT_COLUMNS, ("project_id", "event_id"), rows)
    payloads, counting = [], []
    for each in placed:
        event_id = ids.get((each.draft.project_id, each.draft.event_id))
        if event_id is not None:
            payloads.append((event_id, each.draft.payload))
        if event_id is not None or not each.is_stored:
            counting.append(each)
    bulk.insert_many("errors_eventpayload", ("event_id", "data"), payloads)
    return counting


def _event_row(placed: Placed, releases: Mapping[ReleaseKey, SeenRelease]) -> tuple[object, ...]:
    draft, facts = placed.draft, placed.draft.facts
    release = releases.get(draft.release_key)
    return (
        *(draft.project_id, draft.event_id, placed.standing.id, draft.timestamp, draft.received_at, draft.severity),
        *(facts.environment, release.id if release else None, facts.transaction, facts.trace_id, draft.is_simulated),
    )
