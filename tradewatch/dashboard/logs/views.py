"""/logs: the list, and its download."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tradewatch.core.faults import Unknown
from tradewatch.core.streaming import streamed_file
from tradewatch.dashboard.logs.asked import (
    Asked,
    at_page,
    level_in,
    logs_link,
    read_asked,
    stretch_of,
    with_level,
    without,
)
from tradewatch.dashboard.logs.export import MOST_LINES, log_lines, ndjson_lines
from tradewatch.dashboard.logs.histogram import counted, histogram
from tradewatch.dashboard.logs.rows import make_rows
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.ranges import DEFAULT_RANGE
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.terms import Term, parse
from tradewatch.performance.logs.lines import LEVELS, moment_of
from tradewatch.performance.logs.search.finding import Found, Place, find, lines_of, read_place
from tradewatch.performance.logs.search.wanted import KEYS, wanted_by, wanted_of

PAGE_SIZE = 100
_FORMATS = {"csv": (log_lines, "text/csv; charset=utf-8"), "ndjson": (ndjson_lines, "application/x-ndjson")}


@page
def logs(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List the lines that are asked for, the newest first. A query that cannot be read is shown with its fault."""
    asked, now = read_asked(request.GET.dict()), timezone.now()
    context = {"asked": asked, "keys": KEYS.values(), "hidden": _hidden(scope), "is_first": not asked.cursor}
    try:
        context |= _found(scope, asked, parse(asked.query), now)
    except BadQuery as fault:
        context |= {"fault": fault.errors["q"][0], "levels": _level_choices(scope, [])}
    return show(
        request,
        scope,
        "dashboard/logs.html",
        context,
        crumb="Logs",
        has_ranges=True,
        keeps=asked.values(),
        status=400 if "fault" in context else 200,
    )


def _found(scope: Scope, asked: Asked, terms: Sequence[Term], now: datetime) -> dict[str, Any]:
    wanted, stretch = wanted_by(terms), stretch_of(scope, now=now)
    after = read_place(asked.cursor) if asked.cursor else None
    step = None if wanted.is_countable else scope.range.chart_span(now).step_seconds
    found = find(wanted, stretch, size=PAGE_SIZE, after=after, step_seconds=step)
    counts = counted(scope, wanted, now=now) if step is None else found.counts
    partial = "" if found.is_complete or step is None else f"since {moment_of(found.searched_to_us):%d %b %H:%M} UTC"
    timeless = scope.in_range(DEFAULT_RANGE)
    return {
        "rows": make_rows(found.lines, scope, asked),
        "total": sum(counts.values()),
        "chart": histogram(counts, scope, now=now, drill=lambda: logs_link(timeless, asked), partial=partial),
        "partial": partial,
        "terms": [(each.text, logs_link(scope, Asked(without(each, terms)))) for each in terms],
        "levels": _level_choices(scope, terms),
        "older": logs_link(scope, at_page(asked, str(found.next))) if found.next else "",
        "first_page": logs_link(scope, asked),
        "tail": _tail(scope, asked, found, now) if scope.range.is_live and not asked.cursor else "",
        "searched_to": None if found.is_complete else moment_of(found.searched_to_us),
        "searched_lines": found.searched_lines,
        "downloads": [
            (kind.upper(), logs_link(scope, asked, reverse("logs-export", args=[kind]))) for kind in _FORMATS
        ],
    }


def _hidden(scope: Scope) -> dict[str, str]:
    """Return what a form keeps of the address."""
    return scope.values()


def _level_choices(scope: Scope, terms: Sequence[Term]) -> list[tuple[str, str, bool]]:
    chosen = level_in(terms)
    labels = [("", "All levels"), *((level, f"{level} and graver") for level in LEVELS[1:])]
    return [(words, logs_link(scope, Asked(with_level(terms, level))), level == chosen) for level, words in labels]


def _tail(scope: Scope, asked: Asked, found: Found, now: datetime) -> str:
    """Return the address of the socket that tells of lines newer than the first of the page."""
    newest = Place(*found.lines[0].line.place) if found.lines else Place(stretch_of(scope, now=now).start_us)
    return logs_link(scope, replace(asked, cursor=str(newest)), "/ws/logs/")


@require_safe
@page
def export(request: HttpRequest, scope: Scope, kind: str) -> StreamingHttpResponse:
    """Stream what the page finds, the newest 50,000 lines of it."""
    if kind not in _FORMATS:
        raise Unknown("no such format")
    write, content_type = _FORMATS[kind]
    now = timezone.now()
    wanted = wanted_of(read_asked(request.GET.dict()).query)
    found = lines_of(wanted, stretch_of(scope, now=now), most=MOST_LINES)
    slugs = {project.pk: project.slug for project in scope.projects}
    return streamed_file(request, write(found, slugs), name=f"logs-{now:%Y-%m-%d}.{kind}", content_type=content_type)
