"""The found lines as a file, streamed: CSV that a spreadsheet may open, or NDJSON with everything a line says."""

from collections.abc import Iterable, Iterator, Sequence

import orjson

from tradewatch.core.csv_cells import csv_lines
from tradewatch.performance.logs.search.wanted import LOGGER, RELEASE
from tradewatch.performance.logs.serializers import line_as_values
from tradewatch.performance.logs.traces import TraceLine

MOST_LINES = 50_000
COLUMNS = ("at", "level", "message", "logger", "project", "environment", "release", "trace_id", "span_id", "attributes")


def log_lines(found: Iterable[TraceLine], slugs: dict[int, str]) -> Iterator[str]:
    return csv_lines(COLUMNS, _rows(found, slugs))


def _rows(found: Iterable[TraceLine], slugs: dict[int, str]) -> Iterator[Sequence[object]]:
    for each in found:
        line = each.line
        cells = (line.at.isoformat(timespec="microseconds"), line.level, line.body, line.text(LOGGER))
        place = (slugs.get(each.project_id, ""), each.environment, line.text(RELEASE), line.trace_id, line.span_id)
        attributes = orjson.dumps(dict(line.attributes)).decode()
        yield (*cells, *place, attributes)


def ndjson_lines(found: Iterable[TraceLine], slugs: dict[int, str]) -> Iterator[str]:
    for each in found:
        values = {**line_as_values(each), "project": slugs.get(each.project_id, "")}
        yield orjson.dumps(values, option=orjson.OPT_UTC_Z).decode() + "\n"
