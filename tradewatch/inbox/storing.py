"""Storing what was prepared, inside a transaction that the caller opens and ends."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction

from tradewatch.core.live import push
from tradewatch.inbox.choices import discarded_series
from tradewatch.inbox.envelope import build_envelope
from tradewatch.inbox.handlers import COPIES, Handlers
from tradewatch.inbox.models import DeadLetter
from tradewatch.inbox.preparing import DraftedItem, Prepared, items_at
from tradewatch.metrics.services import CountRow, add_counts


@dataclass(frozen=True, slots=True)
class DigestStats:
    """How many queue rows a batch took, and of their items: stored, discarded on purpose; `dead` counts letters.

    `received`: when each row was accepted, in epoch seconds.
    """

    rows: int = 0
    stored: int = 0
    discarded: int = 0
    dead: int = 0
    received: tuple[float, ...] = field(default=(), compare=False, repr=False)

    def __add__(self, other: "DigestStats") -> "DigestStats":
        return DigestStats(
            self.rows + other.rows,
            self.stored + other.stored,
            self.discarded + other.discarded,
            self.dead + other.dead,
            self.received + other.received,
        )


def store_rows(part: Sequence[Prepared], handlers: Handlers, *, now: datetime) -> DigestStats:
    """Store the drafts, count what was discarded, bury what failed."""
    drafted = [item for prepared in part for item in prepared.drafted]
    store_items(drafted, handlers, now=now)
    discarded = _count_discarded(part)
    letters = [letter for prepared in part if (letter := _letter(prepared, now))]
    _bury(letters)
    stored = sum(item.handler != COPIES for item in drafted)
    received = tuple(prepared.row.received_at for prepared in part)
    return DigestStats(rows=len(part), stored=stored, discarded=discarded, dead=len(letters), received=received)


def store_items(drafted: Iterable[DraftedItem], handlers: Handlers, *, now: datetime) -> None:
    """Call each handler once with its drafts, in the order of `handlers`: all processes lock in that order."""
    drafts: dict[int, list[Any]] = {id(handler): [] for handler in handlers.values()}
    for item in drafted:
        drafts[id(handlers[item.handler])].append(item.draft)
    for handler in {id(handler): handler for handler in handlers.values()}.values():
        if drafts[id(handler)]:
            handler.store(drafts[id(handler)], now=now)


def _count_discarded(part: Sequence[Prepared]) -> int:
    counts = Counter(
        (prepared.row.project_id, int(prepared.row.received_at) // 60 * 60, discarded_series(item_type))
        for prepared in part
        for item_type in prepared.discarded
    )
    add_counts(
        [CountRow(project_id, "", series, at, count, count) for (project_id, at, series), count in counts.items()]
    )
    return counts.total()


def _letter(prepared: Prepared, now: datetime) -> DeadLetter | None:
    if not prepared.failures:
        return None
    row, first = prepared.row, prepared.failures[0]
    encoding, body = _undigested(prepared)
    return DeadLetter(
        project_id=row.project_id,
        received_at=datetime.fromtimestamp(row.received_at, UTC),
        failed_at=now,
        reason=first.blame.reason,
        detail="\n\n".join(failure.blame.detail for failure in prepared.failures if failure.blame.detail),
        encoding=encoding,
        address=row.address,
        body=body,
        body_bytes=len(body),
    )


def _undigested(prepared: Prepared) -> tuple[str, bytes]:
    """Return encoding and body of what was not stored: items that were must not be counted again by a retry."""
    failed = [failure.at for failure in prepared.failures if failure.at is not None]
    if len(failed) < len(prepared.failures) or not (prepared.drafted or prepared.discarded):
        return prepared.row.encoding, prepared.row.body
    return "identity", build_envelope(prepared.headers, items_at(prepared.row, failed))


def _bury(letters: Sequence[DeadLetter]) -> None:
    DeadLetter.objects.bulk_create(letters)
    for project_id in {letter.project_id for letter in letters if letter.project_id is not None}:
        transaction.on_commit(partial(push, "inbox", project_id))
