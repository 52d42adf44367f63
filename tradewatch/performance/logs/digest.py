"""Digests `log` containers: reads, scrubs and packs their lines, counts them by level, keeps them as blocks.

Series: `logs` (all lines), `logs:<level>`, `logs.bytes` (as sent, decompressed). Each is exact: a container that is
delivered again is known by its receipt and changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from tradewatch.core import bulk
from tradewatch.core.live import push
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.keep import read_document
from tradewatch.inbox.scrub import ScrubPolicy
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.logs.blocks import COLUMNS, BlockDraft, blocks_of
from tradewatch.performance.logs.columns import table_of
from tradewatch.performance.logs.lines import Line, level_of
from tradewatch.performance.logs.reading import has_moments, read_lines
from tradewatch.performance.logs.scrubbing import scrub
from tradewatch.projects.retention import how_long
from tradewatch.projects.sightings import see_environments

LINES, BYTES = "logs", "logs.bytes"
ENVIRONMENT = "sentry.environment"
_LONGEST_ENVIRONMENT = 64


def level_series(level: str) -> str:
    """Return the counter of the lines of one level."""
    return f"logs:{level}"


@dataclass(frozen=True, slots=True)
class LogDraft:
    """One container: what to store and count when its receipt turns out to be new."""

    project_id: int
    receipt: int
    received_at: datetime
    blocks: tuple[BlockDraft, ...]
    counts: tuple[CountRow, ...]


class LogHandler:
    """For `log`."""

    def prepare(self, item: Item, arrival: Arrival) -> LogDraft | None:
        document = read_document(item)
        retention = how_long(arrival.project.log_days, settings.LOG_RETENTION)
        lines = read_lines(document, received_at=arrival.received_at, drift=arrival.drift, retention=retention)
        if not lines:
            return None
        by_environment = _by_environment(lines, arrival)
        return LogDraft(
            project_id=arrival.project.id,
            receipt=_receipt(item, arrival, is_known_by_bytes=has_moments(document)),
            received_at=arrival.received_at,
            blocks=tuple(_blocks(by_environment, arrival)),
            counts=tuple(_counts(by_environment, arrival.project.id, len(item.payload))),
        )

    def store(self, drafts: Sequence[LogDraft], *, now: datetime) -> None:
        fresh = list(_new_of(drafts))
        if not fresh:
            return
        blocks = [block for draft in fresh for block in draft.blocks]
        bulk.insert_many("performance_logblock", COLUMNS, [block.row for block in blocks])
        see_environments({(block.project_id, block.environment) for block in blocks}, now=now)
        add_counts([row for draft in fresh for row in draft.counts])
        for project_id in {draft.project_id for draft in fresh}:
            transaction.on_commit(partial(push, "logs", project_id))


def _by_environment(lines: Sequence[Line], arrival: Arrival) -> dict[str, list[Line]]:
    trace = arrival.headers.get("trace")
    sent = trace.get("environment") if isinstance(trace, dict) else None
    usual = sent if isinstance(sent, str) and sent else settings.SENTRY_ENVIRONMENT
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[(line.text(ENVIRONMENT) or usual)[:_LONGEST_ENVIRONMENT]].append(line)
    return found


def _blocks(by_environment: dict[str, list[Line]], arrival: Arrival) -> Iterator[BlockDraft]:
    project = arrival.project
    policy = ScrubPolicy(keeps_ip_addresses=project.keeps_ip_addresses, extra_fields=project.scrub_fields)
    for environment, lines in by_environment.items():
        table = table_of(lines)
        scrub(table, policy)
        yield from blocks_of(table, project_id=project.id, environment=environment, is_loose=True)


def _counts(by_environment: dict[str, list[Line]], project_id: int, sent_bytes: int) -> Iterator[CountRow]:
    """Yield the counts by environment, level and minute; the bytes are spread evenly over the lines."""
    total = sum(map(len, by_environment.values()))
    for environment, lines in by_environment.items():
        by_minute = Counter((line.at_us // 60_000_000 * 60, line.severity) for line in lines)
        levels: Counter[tuple[int, str]] = Counter()
        for (minute, severity), count in by_minute.items():
            levels[(minute, level_of(severity))] += count
        for (minute, level), count in levels.items():
            yield CountRow(project_id, environment, LINES, minute, count, count)
            yield CountRow(project_id, environment, level_series(level), minute, count, count)
        share = sent_bytes * len(lines) // total
        yield CountRow(project_id, environment, BYTES, lines[-1].at_us // 1_000_000, share, share)


def _receipt(item: Item, arrival: Arrival, *, is_known_by_bytes: bool) -> int:
    """Return what a second delivery shares with the first, as 64 bits.

    Lines with moments and trace ids are the same lines when their bytes are the same. Without a moment, two containers
    may well be equal and yet two: then the envelope's own id decides, or nothing does.
    """
    event_id = "" if is_known_by_bytes else arrival.headers.get("event_id") or uuid4().hex
    head = f"{arrival.project.id}:{event_id}:".encode("utf-8", "replace")
    return int.from_bytes(blake2b(head + item.payload, digest_size=8).digest(), signed=True)


def _new_of(drafts: Sequence[LogDraft]) -> Iterator[LogDraft]:
    """Yield the drafts that were not delivered before; of two with one receipt, the first."""
    rows = [(draft.receipt, int(draft.received_at.timestamp()) // 3600) for draft in drafts]
    left = {receipt for (receipt,) in bulk.insert_new("performance_logreceipt", ["id", "hour"], ["id"], rows)}
    for draft in drafts:
        if draft.receipt in left:
            left.remove(draft.receipt)
            yield draft
