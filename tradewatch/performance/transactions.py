"""Digests transactions: counts requests, failures and durations, and keeps the document for the traces to come.

Series: `transactions`, `transactions.failed`, `tx:<name>`, `tx.failed:<name>`; histograms `transactions`, `tx:<name>`.
At most 500 names an hour and project have series of their own, see `names`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from tradewatch.inbox.envelope import Item
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.keep import compress_document, read_document
from tradewatch.inbox.kept_items import KeptDraft, draft_item, identity_of, insert_kept
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.services import CountRow, DurationRow, add_counts, add_durations
from tradewatch.performance.names import OTHER, allowed_names
from tradewatch.performance.reading import Reading, read_transaction


@dataclass(frozen=True, slots=True)
class TransactionDraft:
    kept: KeptDraft
    reading: Reading


class TransactionHandler:
    """For `transaction`. With SENTRY_ENABLE_PERFORMANCE_MONITORING off they are discarded (and counted as that)."""

    def prepare(self, item: Item, arrival: Arrival) -> TransactionDraft | None:
        if not settings.SENTRY_ENABLE_PERFORMANCE_MONITORING:
            return None
        document = read_document(item)
        reading = read_transaction(
            document,
            arrival.headers.get("trace"),
            received_at=arrival.received_at,
            drift=arrival.drift,
            retention=settings.EVENT_RETENTION,
        )
        return TransactionDraft(_kept(item, arrival, document, reading), reading)

    def store(self, drafts: Sequence[TransactionDraft], *, now: datetime) -> None:
        fresh = list(_first_of_each(drafts, insert_kept([draft.kept for draft in drafts])))
        names = _series_names(fresh)
        add_counts([row for draft in fresh for row in _counts(draft, names)])
        add_durations([row for draft in fresh for row in _durations(draft, names)])


def _kept(item: Item, arrival: Arrival, document: dict[str, Any], reading: Reading) -> KeptDraft:
    event_id = normal_event_id(arrival.headers.get("event_id")) or normal_event_id(document.get("event_id"))
    return draft_item(
        item.type,
        arrival,
        identity=identity_of(arrival.project.id, item.type, event_id) if event_id else uuid4(),
        document=document,
        meta={"name": reading.name, "seconds": reading.seconds, "is_failed": reading.is_failed},
        payload=compress_document(document, arrival, raw=item.payload),
    )


def _first_of_each(drafts: Iterable[TransactionDraft], new: set[UUID]) -> Iterator[TransactionDraft]:
    """Yield the drafts that were inserted; of two with one identity in the batch, the first was."""
    left = set(new)
    for draft in drafts:
        if draft.kept.identity in left:
            left.remove(draft.kept.identity)
            yield draft


def _series_names(drafts: Iterable[TransactionDraft]) -> Mapping[tuple[int, int], set[str]]:
    """Return {(project, hour): the names with series of their own}."""
    names: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for draft in drafts:
        names[_hour_of(draft)].add(draft.reading.name)
    return {key: allowed_names(*key, wanted) for key, wanted in sorted(names.items())}


def _hour_of(draft: TransactionDraft) -> tuple[int, int]:
    return draft.kept.project_id, int(draft.reading.at_epoch) // Resolution.HOUR * Resolution.HOUR


def _name_of(draft: TransactionDraft, names: Mapping[tuple[int, int], set[str]]) -> str:
    name = draft.reading.name
    return name if name in names[_hour_of(draft)] else OTHER


def _counts(draft: TransactionDraft, names: Mapping[tuple[int, int], set[str]]) -> Iterator[CountRow]:
    name, reading = _name_of(draft, names), draft.reading
    series = ["transactions", f"tx:{name}"]
    if reading.is_failed:
        series += ["transactions.failed", f"tx.failed:{name}"]
    for one in series:
        yield CountRow(draft.kept.project_id, draft.kept.environment, one, reading.at_epoch, 1, reading.weight)


def _durations(draft: TransactionDraft, names: Mapping[tuple[int, int], set[str]]) -> Iterator[DurationRow]:
    seconds, at_epoch = draft.reading.seconds, draft.reading.at_epoch
    if seconds is None:
        return
    for series in ("transactions", f"tx:{_name_of(draft, names)}"):
        yield DurationRow(draft.kept.project_id, draft.kept.environment, series, at_epoch, seconds)
