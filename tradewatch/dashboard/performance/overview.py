"""Everything that /performance shows."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from tradewatch.dashboard import words
from tradewatch.dashboard.figures import Figure
from tradewatch.dashboard.pages import Choice
from tradewatch.dashboard.performance import plots
from tradewatch.dashboard.performance.changes import ChangeLine, Compared, change_lines
from tradewatch.dashboard.performance.hero import Hero, make_hero
from tradewatch.dashboard.performance.reading import BEFORE, Against, Asked, compared, read_against
from tradewatch.dashboard.performance.stats import Drawn, make_stats, sampled
from tradewatch.dashboard.performance.table import Sort, TransactionLine, make_lines, order
from tradewatch.metrics.release_markers import short_version
from tradewatch.performance.traces.queries import apdex_seconds_of

LISTED, CHANGES = 8, 8
A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Overview:
    """`has_any`: whether a transaction ever came; without one the page says how to send some."""

    has_any: bool
    summary: Sequence[str]
    hero: Hero
    stats: Sequence[Drawn]
    lines: Sequence[TransactionLine]
    total: int
    more: str
    changes: Sequence[ChangeLine]
    note: str
    footer: str
    sorts: Sequence[Choice]
    againsts: Sequence[Choice]


def read_overview(asked: Asked, parameters: Mapping[str, str], *, path: str, limit: int = LISTED) -> Overview:
    """Read what the address asks for: `sort`, and what it compares with (`against`, `release` with `base`)."""
    against = read_against(parameters, asked)
    changes = compared(asked, against)
    sort = read_sort(parameters)
    ordered = order(asked.transactions, sort, changes)
    first = read_first(parameters)
    shown = ordered[first : first + limit]
    kept = {**asked.scope.values(), **against.parameters()}
    return Overview(
        has_any=bool(asked.figures.count or asked.known_groups),
        summary=[text for text in (words.plural(len(ordered), "transaction"), sampled(asked.figures)) if text],
        hero=make_hero(changes, asked.figures),
        stats=draw_stats(asked),
        lines=make_lines(
            shown,
            everything=asked.transactions,
            compared=changes,
            sparks=asked.lines([key.name for key, _ in shown]),
            projects={} if asked.scope.project else {each.pk: each.name for each in asked.scope.projects},
            query=kept,
            page=reverse("performance-transaction"),
            threshold=settings.SENTRY_ERROR_RATE_THRESHOLD,
        ),
        total=len(ordered),
        more=f"{path}?{urlencode({**kept, 'sort': sort.value, 'from': first + limit})}"
        if first + limit < len(ordered)
        else "",
        changes=change_lines(changes, page=reverse("performance-transaction"), query=kept, limit=CHANGES),
        note=f"{changes.after} against {changes.before}",
        footer=_footer(changes),
        sorts=[Choice(each.label, f"{path}?{urlencode({**kept, 'sort': each.value})}", each is sort) for each in Sort],
        againsts=_againsts(asked, against, sort, path),
    )


def draw_stats(asked: Asked) -> list[Drawn]:
    """Return the four figures with their charts; each opens to its counts."""
    stats = make_stats(
        asked.figures,
        asked.before,
        length=asked.span.length,
        compared=asked.period.compared,
        threshold=settings.SENTRY_ERROR_RATE_THRESHOLD,
        apdex_words=_apdex_words(asked),
    )
    makers = {
        "throughput": plots.throughput,
        "failures": plots.failures,
        "latency": plots.latency,
        "apdex": plots.apdex,
    }
    return [
        Drawn(
            stat, makers[stat.key](asked.frame, asked.points, counts_href(asked, stat)), counts_href(asked, stat, True)
        )
        for stat in stats
    ]


def counts_href(asked: Asked, stat: Figure, has_range: bool = False) -> str:
    """Return the page of a figure's counts; without the range for a chart, whose script adds a step's own."""
    values = asked.scope.values()
    if not has_range:
        values = {name: value for name, value in values.items() if name in ("project", "environment")}
    if asked.name:
        values["name"] = asked.name
    query = urlencode(values)
    return reverse("performance-counts", args=[stat.key]) + (f"?{query}" if query else "")


def read_sort(parameters: Mapping[str, str]) -> Sort:
    named = parameters.get("sort")
    return Sort(named) if named in Sort.values else Sort.P95


def read_first(parameters: Mapping[str, str]) -> int:
    text = parameters.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _footer(changes: Compared) -> str:
    return f"Same: under 10%, or not certain after correction over {words.plural(changes.judged, 'transaction')}."


def _apdex_words(asked: Asked) -> str:
    thresholds = sorted({apdex_seconds_of(project_id) for project_id in asked.project_ids[:20]})
    if len(thresholds) == 1:
        return f"T\N{NO-BREAK SPACE}{thresholds[0]:g}\N{NO-BREAK SPACE}s"
    return "T by project"


def _againsts(asked: Asked, chosen: Against, sort: Sort, path: str) -> list[Choice]:
    kept = {**asked.scope.values(), "sort": sort.value}
    options = [(_capital(asked.period.compared), BEFORE)]
    if len(asked.project_ids) == 1:
        known = asked.known_releases
        options += [
            (f"{short_version(newer)} with {short_version(older)}", Against(newer, older))
            for newer, older in itertools.pairwise(known)
        ]
        if chosen.is_of_releases and all(chosen != each for _, each in options):
            options.append((f"{short_version(chosen.release)} with {short_version(chosen.base)}", chosen))
    return [
        Choice(name, f"{path}?{urlencode({**kept, **each.parameters()})}", each == chosen) for name, each in options
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
