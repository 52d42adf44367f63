"""Digests transactions and streamed spans: each is counted once, and kept raw if it is telling enough.

Series in `metrics` for rules and the dashboard: `transactions`, `transactions.failed`, `tx:<name>`, `tx.failed:<name>`;
histograms `transactions`, `tx:<name>`. Everything finer is in the buckets of `counting`. At most 500 names an hour and
project are told apart, see `names`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from tradewatch.core import bulk
from tradewatch.core.live import push
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.keep import read_document
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.services import CountRow, DurationRow, add_counts, add_durations
from tradewatch.performance.names import OTHER, allowed_names
from tradewatch.performance.traces.counting import SpanRow, TransactionRow, add_spans, add_transactions
from tradewatch.performance.traces.documents import Document, document_of_item, document_of_spans
from tradewatch.performance.traces.groups import SpanPlace, TransactionPlace
from tradewatch.performance.traces.keeping import Arrived, keep
from tradewatch.performance.traces.reading import Unit, read_container, read_transaction
from tradewatch.projects.sightings import see_releases, see_sightings

UnitDraft = tuple[Unit, Document]


@dataclass(frozen=True, slots=True)
class Draft:
    """What an item brings; `arrived_hour` since the epoch."""

    units: Sequence[UnitDraft]
    arrived_hour: int


class TraceHandler:
    """For `transaction` and `span`. With SENTRY_ENABLE_PERFORMANCE_MONITORING off they are discarded, and counted."""

    def prepare(self, item: Item, arrival: Arrival) -> Draft | None:
        if not settings.SENTRY_ENABLE_PERFORMANCE_MONITORING:
            return None
        document = read_document(item)
        units: list[UnitDraft]
        if item.type == "transaction":
            unit = read_transaction(document, arrival)
            units = [(unit, document_of_item(unit, document, arrival, raw=item.payload))]
        else:
            found = read_container(document, arrival)
            units = [(unit, document_of_spans(unit, spans, arrival)) for unit, spans in found]
        return Draft(units, int(arrival.received_at.timestamp()) // 3600) if units else None

    def store(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        fresh = _named(_not_seen_before(drafts))
        transactions = [each for each in fresh if each.unit.is_counted]
        _see([each.unit for each in transactions], now=now)  # before counters, as errors do
        add_counts([row for each in transactions for row in _counts(each)])
        add_durations([row for each in transactions for row in _durations(each)])
        new = add_transactions([_transaction_row(each) for each in transactions], now=now)
        add_spans((row for each in fresh for row in _span_rows(each)), now=now)
        keep(list(_arrived(fresh, new)))
        for project_id in {each.unit.project_id for each in fresh}:
            transaction.on_commit(partial(push, "performance", project_id))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A unit that was never counted, and the name it counts under: its own, or `<other>` past the bound of its hour."""

    unit: Unit
    document: Document
    name: str

    @property
    def place(self) -> TransactionPlace:
        unit = self.unit
        return TransactionPlace(unit.project_id, unit.environment, self.name, unit.op, unit.release)


def _not_seen_before(drafts: Sequence[Draft]) -> list[UnitDraft]:
    """Return the units that were never counted; of two with one identity in the batch, the first."""
    first: dict[int, tuple[UnitDraft, int]] = {}
    for draft in drafts:
        for each in draft.units:
            first.setdefault(_key_of(each[0]), (each, draft.arrived_hour))
    rows = [(key, hour) for key, (_, hour) in first.items()]
    new = bulk.insert_new("performance_seentransaction", ("identity", "hour"), ("identity",), rows)
    return [each for key, (each, _) in first.items() if (key,) in new]


def _key_of(unit: Unit) -> int:
    return int.from_bytes(unit.identity.bytes[:8], signed=True)


def _see(units: Sequence[Unit], *, now: datetime) -> None:
    """Write which releases were met where: many a deployment shows itself by transactions alone."""
    places = {(unit.project_id, unit.release, unit.environment) for unit in units if unit.release}
    releases = see_releases({(project_id, version) for project_id, version, _ in places}, now=now)
    see_sightings(
        ((releases[project_id, version].id, environment) for project_id, version, environment in places), now=now
    )


def _named(units: Sequence[UnitDraft]) -> list[_Fresh]:
    wanted: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for unit, _ in units:
        wanted[_hour_of(unit)].add(unit.name)
    allowed = {hour: allowed_names(*hour, names) for hour, names in sorted(wanted.items())}
    return [
        _Fresh(unit, document, unit.name if unit.name in allowed[_hour_of(unit)] else OTHER) for unit, document in units
    ]


def _hour_of(unit: Unit) -> tuple[int, int]:
    return unit.project_id, int(unit.at_epoch) // Resolution.HOUR * Resolution.HOUR


def _counts(fresh: _Fresh) -> Iterator[CountRow]:
    unit = fresh.unit
    series = ["transactions", f"tx:{fresh.name}"]
    if unit.is_failed:
        series += ["transactions.failed", f"tx.failed:{fresh.name}"]
    for one in series:
        yield CountRow(unit.project_id, unit.environment, one, unit.at_epoch, 1, unit.weight)


def _durations(fresh: _Fresh) -> Iterator[DurationRow]:
    unit = fresh.unit
    if unit.seconds is not None:
        for series in ("transactions", f"tx:{fresh.name}"):
            yield DurationRow(unit.project_id, unit.environment, series, unit.at_epoch, unit.seconds)


def _transaction_row(fresh: _Fresh) -> TransactionRow:
    unit = fresh.unit
    return TransactionRow(fresh.place, unit.at_epoch, unit.seconds, unit.is_failed, unit.weight, unit.tags)


def _span_rows(fresh: _Fresh) -> Iterator[SpanRow]:
    """Spans count in the minute in which their transaction ended, so that shares of its time add up."""
    unit = fresh.unit
    whose = unit.project_id, unit.environment, fresh.name
    for part in unit.parts:
        yield SpanRow(SpanPlace(*whose, part.category, part.op, part.description), unit.at_epoch, part, unit.weight)


def _arrived(fresh: Iterable[_Fresh], new: frozenset[TransactionPlace]) -> Iterator[Arrived]:
    """Yield what may be kept raw; the first of each place that was never met before says so."""
    left = set(new)
    for each in fresh:
        is_new = each.unit.is_counted and each.place in left
        if is_new:
            left.remove(each.place)
        yield Arrived(each.unit, each.document, each.name, is_new)
