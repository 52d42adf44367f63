"""From queued bytes to the handlers' drafts: decompress, parse, dispatch. Writes nothing.

Whatever is wrong with a row stays with that row: it comes back as a failure beside the drafts of its other items.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from tradewatch.inbox import own_tables
from tradewatch.inbox.blame import Blame, blame
from tradewatch.inbox.decoding import inflate
from tradewatch.inbox.drift import clock_drift
from tradewatch.inbox.envelope import Envelope, Item, parse_envelope
from tradewatch.inbox.handlers import COPIES, Arrival, Copied, Copier, Handlers
from tradewatch.inbox.limits import Limits
from tradewatch.inbox.queue import Queued
from tradewatch.inbox.simulating import simulated_by
from tradewatch.projects.config import ProjectConfig, forget_configs, project_configs

ROWS_A_BATCH = 750  # the more, the fewer rows a tag, a bucket, an issue; the write lock stays under 100 ms
BYTES_A_BATCH = 16 << 20  # of bodies as they came
PLAIN_BYTES_A_BATCH = 64 << 20  # of decompressed ones

# The edge has measured these bytes when it accepted them. Limits lowered since then must not cost what was accepted.
_BOUNDLESS = 1 << 40
_ACCEPTED = Limits(
    envelope_bytes=_BOUNDLESS, header_bytes=_BOUNDLESS, item_bytes=_BOUNDLESS, attachment_bytes=_BOUNDLESS
)


@dataclass(slots=True, eq=False)
class DraftedItem:
    """`at`: the item's position in its envelope; `handler`: the key of the one whose draft it is.

    Its bytes are not kept: a batch would hold what it has done with.
    """

    at: int
    handler: str
    draft: Any


@dataclass(slots=True)
class Failure:
    """`at`: the item's position in its envelope; None: the whole envelope."""

    at: int | None
    blame: Blame


@dataclass(slots=True)
class Prepared:
    """A queued row and what became of its items."""

    row: Queued
    plain_bytes: int = 0  # of the body, decompressed
    headers: Mapping[str, Any] = field(default_factory=dict)  # the envelope's
    drafted: list[DraftedItem] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)  # item types
    failures: list[Failure] = field(default_factory=list)


def prepare_rows(rows: Sequence[Queued], handlers: Handlers, *, max_bytes: int) -> list[Prepared]:
    """Return the first of `rows` prepared: at least one, and none more once they hold `max_bytes` decompressed.

    A few kilobytes may stand for 100 MiB: the compressed size says nothing of the memory that a batch takes.
    """
    configs = _configs_of(rows)
    prepared: list[Prepared] = []
    for row in rows:
        prepared.append(_prepare_row(row, configs.get(row.project_id), handlers))
        max_bytes -= prepared[-1].plain_bytes
        if max_bytes <= 0:
            break
    return prepared


def items_at(row: Queued, positions: Iterable[int]) -> list[Item]:
    """Return items of a row that was prepared, cut out of its body once more."""
    items = _opened(row)[1].items
    return [items[at] for at in positions]


def _configs_of(rows: Sequence[Queued]) -> Mapping[int, ProjectConfig]:
    configs = project_configs()
    if any(row.project_id not in configs for row in rows):
        forget_configs()  # a project younger than the snapshot is not an unknown one
        configs = project_configs()
    return configs


def _prepare_row(row: Queued, project: ProjectConfig | None, handlers: Handlers) -> Prepared:
    if project is None:
        gone = Blame(f"project {row.project_id} does not exist (any more)")
        return Prepared(row, failures=[Failure(None, gone)])
    try:
        body, envelope = _opened(row)
    except Exception as error:
        return Prepared(row, failures=[Failure(None, blame(error))])
    prepared = Prepared(row, len(body), envelope.headers)
    _prepare_items(prepared, envelope, _arrival(row, project, envelope), handlers)
    return prepared


def _opened(row: Queued) -> tuple[bytes, Envelope]:
    body = inflate(row.body, row.encoding, limit=_BOUNDLESS)
    return body, parse_envelope(body, _ACCEPTED)


def _arrival(row: Queued, project: ProjectConfig, envelope: Envelope) -> Arrival:
    received_at = datetime.fromtimestamp(row.received_at, UTC)
    simulated = simulated_by(envelope.headers, envelope.items, row.project_id)
    return Arrival(
        project=project,
        received_at=received_at,
        drift=clock_drift(envelope.headers.get("sent_at"), received_at),
        headers=envelope.headers,
        address=row.address,
        is_simulated=simulated is not None,
        notifies=simulated is not None and simulated.notifies,
    )


def _prepare_items(prepared: Prepared, envelope: Envelope, arrival: Arrival, handlers: Handlers) -> None:
    seen: list[Copied] = []
    for at, item in enumerate(envelope.items):
        key = item.type if item.type in handlers else "*"
        try:
            draft = handlers[key].prepare(item, arrival) if key in handlers else None
        except Exception as error:
            if own_tables.is_state(error):  # of the rules that a handler reads
                raise
            prepared.failures.append(Failure(at, blame(error)))
            continue
        seen.append(Copied(at, item, draft))
        if draft is None:
            prepared.discarded.append(item.type)
        else:
            prepared.drafted.append(DraftedItem(at, key, draft))
    copier = cast("Copier[Any] | None", handlers.get(COPIES))
    if copier is not None:
        prepared.drafted += [DraftedItem(at, COPIES, copy) for at, copy in copier.copies(seen, arrival)]
