"""Tables of lines as rows: compressed on their way in, opened piece by piece on their way out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from tradewatch.core import frames
from tradewatch.performance.logs.columns import (
    BETWEEN,
    MOST_LINES,
    Column,
    Heads,
    Sections,
    Table,
    cut,
    read,
    read_attributes,
    read_heads,
    write,
)
from tradewatch.performance.logs.lines import HOUR_US, Line, bits_of

QUICK, SMALL = 3, 9  # zstd levels: of what is delivered, and of what is packed for good

COLUMNS = (
    "project_id",
    "environment",
    "hour",
    "first_us",
    "last_us",
    "line_count",
    "levels",
    "is_loose",
    "trace_ids",
    "heads",
    "bodies",
    "attributes",
)


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """A row of `LogBlock` to be."""

    project_id: int
    environment: str
    hour: int
    first_us: int
    last_us: int
    line_count: int
    levels: int
    is_loose: bool
    trace_ids: bytes
    heads: bytes
    bodies: bytes
    attributes: bytes

    @property
    def row(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in COLUMNS)


def blocks_of(table: Table, *, project_id: int, environment: str, is_loose: bool) -> Iterator[BlockDraft]:
    """Yield the table in blocks of one hour and at most 4,096 lines each."""
    for hour, places in groupby(range(len(table)), key=lambda at: table.at_us[at] // HOUR_US):
        of_hour = list(places)
        for start in range(of_hour[0], of_hour[-1] + 1, MOST_LINES):
            end = min(start + MOST_LINES, of_hour[-1] + 1)
            part = table if (start, end) == (0, len(table)) else cut(table, start, end)
            yield _block(part, hour, project_id, environment, is_loose=is_loose)


def _block(table: Table, hour: int, project_id: int, environment: str, *, is_loose: bool) -> BlockDraft:
    sections, level = write(table), QUICK if is_loose else SMALL
    return BlockDraft(
        project_id=project_id,
        environment=environment,
        hour=hour,
        first_us=table.at_us[0],
        last_us=table.at_us[-1],
        line_count=len(table),
        levels=bits_of(table.severities),
        is_loose=is_loose,
        trace_ids=sections.trace_ids,  # random: they do not compress
        heads=frames.compress(sections.heads, level),
        bodies=frames.compress(sections.bodies, level),
        attributes=frames.compress(sections.attributes, level),
    )


@dataclass
class Block:
    """A stored block. Each part is decompressed when it is asked for, and once."""

    project_id: int
    environment: str
    line_count: int
    levels: int
    packed: Sections

    @cached_property
    def heads(self) -> Heads:
        return read_heads(frames.decompress(self.packed.heads))

    @cached_property
    def text(self) -> str:
        """All bodies, `BETWEEN` between two of them."""
        return frames.decompress(self.packed.bodies).decode()

    @cached_property
    def bodies(self) -> list[str]:
        return self.text.split(BETWEEN)

    @cached_property
    def lower_text(self) -> str:
        return self.text.lower()

    @cached_property
    def attributes(self) -> dict[str, Column]:
        return read_attributes(frames.decompress(self.packed.attributes), self.line_count)

    @property
    def table(self) -> Table:
        packed = self.packed
        return read(
            Sections(
                packed.trace_ids,
                frames.decompress(packed.heads),
                frames.decompress(packed.bodies),
                frames.decompress(packed.attributes),
            )
        )

    def line(self, at: int) -> Line:
        heads = self.heads
        trace, span = heads.trace_codes[at], heads.spans.codes[at]
        return Line(
            at_us=heads.at_us[at],
            severity=heads.severities[at],
            body=self.bodies[at],
            trace_id=self.packed.trace_ids[16 * (trace - 1) : 16 * trace].hex() if trace else "",
            span_id=heads.spans.values[span - 1].hex() if span else "",  # type: ignore[union-attr]  # bytes
            attributes={
                name: column.values[code - 1] for name, column in self.attributes.items() if (code := column.codes[at])
            },
        )


def stored_block(values: Sequence[object]) -> Block:
    """Return the block of a row of `STORED`."""
    project_id, environment, line_count, levels, *parts = values
    sections = Sections(*(bytes(part) for part in parts))  # type: ignore[call-overload]  # bytes, or PostgreSQL's memoryviews
    return Block(project_id, environment, line_count, levels, sections)  # type: ignore[arg-type]  # the columns' types


STORED = ("project_id", "environment", "line_count", "levels", "trace_ids", "heads", "bodies", "attributes")
