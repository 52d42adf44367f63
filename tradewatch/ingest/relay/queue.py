"""What of an upstream's entries is sent next, and what became of it.

Two lanes. The oldest entries go in the order in which they were accepted; while there is a backlog, up to half of each
window goes to entries younger than half a minute, in their order too. Neither waits for the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from django.db import transaction

from tradewatch.ingest.models import RelayEntry, RelayUpstream
from tradewatch.ingest.relay.answers import Fate, Outcome
from tradewatch.ingest.relay.choices import BY_WORTH
from tradewatch.ingest.relay.circuit import Standing
from tradewatch.ingest.relay.limits import Limits, limited, limited_until, moment
from tradewatch.ingest.relay.spool import delete_entries

WINDOW = 8
WINDOW_BYTES = 16 << 20
FRESH_SECONDS = 30.0
MOST_ATTEMPTS = 5

_Head = tuple[float, int, int]  # received at, id, bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """An entry, what became of it, and the categories of items that were left out of its envelope."""

    entry: RelayEntry
    outcome: Outcome
    left_out: Sequence[str] = ()


def take(upstream: int, limits: Limits, *, failures: int, now: datetime) -> list[RelayEntry]:
    """Return the entries of the next window in their order; of an upstream that is down, two that try it out.

    Which ones moves on: an entry that an upstream cannot swallow must not be all that it is asked. And two, because one
    that fails alone is not told from an outage: with little traffic it would never fail beside one that goes through.
    """
    epoch = now.timestamp()
    categories = [each for each in BY_WORTH if each not in limited(BY_WORTH, limits, now=epoch)]
    oldest = list(islice(_in_order(upstream, categories, since=0.0), WINDOW))
    if failures:
        chosen = sorted({oldest[at % len(oldest)] for at in (failures, failures + 1)}) if oldest else []
    elif oldest and oldest[0][0] < epoch - FRESH_SECONDS:
        fresh = list(islice(_in_order(upstream, categories, since=epoch - FRESH_SECONDS), WINDOW // 2))
        chosen = sorted({*oldest[: WINDOW - len(fresh)], *fresh})
    else:
        chosen = oldest
    found = RelayEntry.objects.in_bulk([entry_id for _, entry_id, _ in _within_bytes(chosen)])
    return [found[entry_id] for _, entry_id, _ in chosen if entry_id in found]


def settle(upstream: int, sent: Sequence[Sent], standing: Standing, *, now: datetime) -> RelayUpstream:
    """Write what became of a window and how the upstream stands; return its row."""
    with transaction.atomic():
        row = RelayUpstream.objects.select_for_update().get(pk=upstream)
        done = [each for each in sent if _is_over(each, sent)]
        still = {entry.pk: entry.size for entry in RelayEntry.objects.filter(pk__in=[e.entry.pk for e in done])}
        delete_entries(list(still))
        row.entries -= len(still)  # a full spool may have let go of one meanwhile
        row.size -= sum(still.values())
        for each in done:
            _count(row, each, now=now)
        stand(row, standing)
        row.save()
    return row


def note_standing(upstream: int, standing: Standing) -> None:
    with transaction.atomic():
        row = RelayUpstream.objects.select_for_update().get(pk=upstream)
        stand(row, standing)
        row.save()


def stand(row: RelayUpstream, standing: Standing) -> None:
    """Set what the standing says; the caller saves the row."""
    row.state, row.since, row.next_at = standing.state, standing.since, standing.next_at
    row.failures, row.detail = standing.failures, standing.detail[:300]
    row.limits = dict(standing.limits or {})


def all_limited_until(upstream: int, limits: Limits, *, now: datetime) -> datetime | None:
    """Return when the first of what waits may go; None when some of it may now, or nothing waits."""
    waits = [each for each in BY_WORTH if RelayEntry.objects.filter(upstream=upstream, category=each).exists()]
    ends = [limited_until(each, limits, now=now.timestamp()) for each in waits]
    until = [end for end in ends if end is not None]
    return moment(min(until)) if until and len(until) == len(ends) else None


def oldest_received_at(upstream: int) -> float | None:
    """Return when the oldest entry was accepted, in epoch seconds."""
    heads = islice(_in_order(upstream, BY_WORTH, since=0.0, most=1), 1)
    return next((received_at for received_at, _, _ in heads), None)


def _in_order(upstream: int, categories: Sequence[str], *, since: float, most: int = WINDOW) -> Iterator[_Head]:
    """Yield the first entries of the categories together, each category read by its index."""
    heads: list[Sequence[_Head]] = [
        list(
            RelayEntry.objects.filter(upstream=upstream, category=category, received_at__gte=since)
            .order_by("received_at", "id")
            .values_list("received_at", "id", "size")[:most]
        )
        for category in categories
    ]
    yield from sorted(chain.from_iterable(heads))


def _within_bytes(heads: Sequence[_Head]) -> Iterator[_Head]:
    total = 0
    for at, head in enumerate(heads):
        total += head[2]
        if at and total > WINDOW_BYTES:
            return
        yield head


def _is_over(each: Sent, window: Sequence[Sent]) -> bool:
    """Say whether an entry is done with. One that fails again and again while others are taken is."""
    if each.outcome.fate != Fate.FAILED:
        return each.outcome.fate != Fate.LIMITED
    if all(other.outcome.fate != Fate.SENT for other in window):
        return False  # a 429 or a 404 may be a proxy's word, before an upstream that is away
    each.entry.attempts += 1
    RelayEntry.objects.filter(pk=each.entry.pk).update(attempts=each.entry.attempts)
    return each.entry.attempts >= MOST_ATTEMPTS


def _count(row: RelayUpstream, each: Sent, *, now: datetime) -> None:
    if each.outcome.fate == Fate.SENT:
        row.add("sent", each.entry.category)
        row.last_sent_at = now
    else:
        row.add("refused", each.entry.category)
        row.refused_at = now
    for category in each.left_out:
        row.add("dropped", category)
