"""The spool: a table of the main database, so that an entry is there exactly when what it copies is stored.

Bounded in bytes over all upstreams, and never above that. When it is full, room is made where most lies: the least
valuable category goes first, and of a category the oldest. What goes is counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from tradewatch.core import bulk
from tradewatch.ingest.models import RelayEntry, RelayUpstream
from tradewatch.ingest.relay.choices import BY_WORTH

ROWS_A_STEP = 2_000  # that one statement deletes
TRIMMED_BYTES = 8 << 20  # that one transaction lets go of: the write lock is held only briefly
_COLUMNS = ("upstream", "project_id", "category", "received_at", "attempts", "size", "body")


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry to be. `received_at` in epoch seconds; `body` of `parcels.packed`."""

    upstream: int
    project_id: int
    category: str
    received_at: float
    body: bytes


def append(copies: Sequence[Copy], *, limit_bytes: int, now: datetime) -> None:
    """Put the copies into the spool, in the caller's transaction."""
    rows = locked_upstreams({copy.upstream for copy in copies})
    incoming = sum(len(copy.body) for copy in copies)
    excess = sum(row.size for row in rows.values()) + incoming - limit_bytes
    # Room for what comes, and no more: what lies above a limit that was lowered is for `trim`.
    kept = list(copies) if excess <= 0 else _make_room(rows, copies, min(excess, incoming), now=now)
    bulk.insert_many("ingest_relayentry", _COLUMNS, [_row(copy) for copy in kept])
    for copy in kept:
        rows[copy.upstream].entries += 1
        rows[copy.upstream].size += len(copy.body)
    filled = {copy.upstream for copy in kept}
    _save_spooled(row for row in rows.values() if row.pk in filled or row.dropped_at == now)


def trim(*, limit_bytes: int, now: datetime) -> int:
    """Let go of what is above a limit that was lowered, a step of it in the caller's transaction; return how many
    entries went. 0: nothing is above it any more."""
    rows = locked_upstreams(())
    before = sum(row.entries for row in rows.values())
    excess = sum(row.size for row in rows.values()) - limit_bytes
    if excess <= 0:
        return 0
    _make_room(rows, (), min(excess, TRIMMED_BYTES), now=now)
    _save_spooled(rows.values())
    return before - sum(row.entries for row in rows.values())


def locked_upstreams(wanted: Iterable[int]) -> dict[int, RelayUpstream]:
    """Return all upstreams, those of `wanted` made where they are new, locked in the order of their ids.

    Their lock comes before that of any entry, in every process.
    """
    rows = {row.pk: row for row in RelayUpstream.objects.select_for_update().order_by("pk")}
    if new := set(wanted) - rows.keys():
        RelayUpstream.objects.bulk_create([RelayUpstream(pk=each) for each in sorted(new)], ignore_conflicts=True)
        rows = {row.pk: row for row in RelayUpstream.objects.select_for_update().order_by("pk")}
    return rows


def _save_spooled(rows: Iterable[RelayUpstream]) -> None:
    for row in rows:
        row.save(update_fields=["entries", "size", "dropped", "dropped_at"])


def spooled_bytes() -> int:
    return RelayUpstream.objects.aggregate(size=Sum("size"))["size"] or 0


def delete_entries(ids: Sequence[int]) -> None:
    """Delete entries in one statement: Django would first read them all."""
    entries = RelayEntry.objects.filter(pk__in=ids)
    entries._raw_delete(entries.db)  # nothing hangs on them


def _make_room(rows: dict[int, RelayUpstream], copies: Sequence[Copy], excess: int, *, now: datetime) -> list[Copy]:
    """Let go of at least `excess` bytes, stored ones or of `copies`; return the copies that stay."""
    kept = list(copies)
    incoming: Counter[int] = Counter()
    for copy in copies:
        incoming[copy.upstream] += len(copy.body)
    for row in sorted(rows.values(), key=lambda row: -(row.size + incoming[row.pk])):
        for category in BY_WORTH:
            if excess <= 0:
                return kept
            excess -= _let_go_stored(row, category, excess, now=now)
            if excess > 0:
                kept, freed = _let_go_incoming(row, category, kept, excess, now=now)
                excess -= freed
    return kept


def _let_go_stored(row: RelayUpstream, category: str, excess: int, *, now: datetime) -> int:
    """Let go until so much is free or none of the category is left: only then one that is worth more may go."""
    oldest = RelayEntry.objects.filter(upstream=row.pk, category=category).order_by("received_at", "id")
    freed = 0
    while row.entries and freed < excess:
        ids = []
        for entry_id, size in oldest.values_list("pk", "size")[:ROWS_A_STEP]:
            if freed >= excess:
                break
            ids.append(entry_id)
            freed += size
            row.size -= size
        if not ids:
            break
        delete_entries(ids)
        row.entries -= len(ids)
        _count_dropped(row, category, len(ids), now=now)
    return freed


def _let_go_incoming(
    row: RelayUpstream, category: str, copies: Sequence[Copy], excess: int, *, now: datetime
) -> tuple[list[Copy], int]:
    kept, freed, count = [], 0, 0
    for copy in copies:  # in the order of their arrival
        if freed < excess and copy.category == category and copy.upstream == row.pk:
            freed += len(copy.body)
            count += 1
        else:
            kept.append(copy)
    if count:
        _count_dropped(row, category, count, now=now)
    return kept, freed


def _count_dropped(row: RelayUpstream, category: str, count: int, *, now: datetime) -> None:
    row.add("dropped", category, count)
    row.dropped_at = now


def _row(copy: Copy) -> tuple[object, ...]:
    size = len(copy.body)
    return copy.upstream, copy.project_id, copy.category, copy.received_at, 0, size, copy.body
