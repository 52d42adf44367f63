"""Everything that the page of one transaction shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from tradewatch.core.faults import Unknown
from tradewatch.core.paging import Page, read_page
from tradewatch.dashboard import words
from tradewatch.dashboard.charts import Chart
from tradewatch.dashboard.pages import Choice
from tradewatch.dashboard.performance import plots
from tradewatch.dashboard.performance.changes import Badge, badge_of, failed_words, slower_words
from tradewatch.dashboard.performance.issues import IssueLine, issue_lines
from tradewatch.dashboard.performance.overview import draw_stats
from tradewatch.dashboard.performance.reading import Asked, compared, read_against
from tradewatch.dashboard.performance.spread import Spread, make_spread
from tradewatch.dashboard.performance.stats import Drawn, apdex_value, sampled
from tradewatch.errors.search.terms import term
from tradewatch.performance.models import KeptTransaction, TransactionGroup
from tradewatch.performance.traces.choices import Category, KeptFor
from tradewatch.performance.traces.comparing import compare
from tradewatch.performance.traces.figures import Figures, SpanFigures
from tradewatch.performance.traces.kept_queries import kept_transactions
from tradewatch.performance.traces.span_queries import SpanKey, slowest_spans

QUANTILES = (0.99, 0.95, 0.75, 0.5)
SPANS, RELEASES, TRACES = 15, 8, 15


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release in this range; `badge`: how it compares with the one below, None where there is none."""

    version: str
    figures: Figures
    requests: str
    failed: str
    p50: str
    p95: str
    apdex: str
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class SpanLine:
    """`share` is of the time that all its spans took, in all categories, without what their children covered."""

    category: str
    op: str
    description: str
    count: str
    per_request: str
    mean: str
    p95: str
    share: float


@dataclass(frozen=True, slots=True)
class TransactionPage:
    name: str
    ops: Sequence[str]
    summary: Sequence[str]
    change: str
    badge: Badge | None
    stats: Sequence[Drawn]
    percentiles: Chart
    spread: Spread | None
    releases: Sequence[ReleaseLine]
    spans: Sequence[SpanLine]
    categories: Sequence[Choice]
    traces: Page[KeptTransaction]
    older: str
    kinds: Sequence[Choice]
    issues: Sequence[IssueLine]
    issues_href: str


def read_transaction(asked: Asked, parameters: Mapping[str, str]) -> TransactionPage:
    """Read the page of `asked.name`. Raises `Unknown` where no transaction of that name ever came."""
    name = asked.name or ""
    groups = TransactionGroup.objects.filter(project__in=asked.project_ids, name=name)
    ops = sorted(set(groups.values_list("op", flat=True)))
    if not ops or not name:
        raise Unknown(f"no transaction {name}")
    traces = _traces(asked, parameters)
    changes = compared(asked, read_against(parameters, asked))
    change = next(iter(changes.changes), None)
    badge = badge_of(change, judged=changes.judged) if change else None
    return TransactionPage(
        name=name,
        ops=[op for op in ops if op],
        summary=[text for text in (sampled(asked.figures),) if text],
        change=f"{failed_words(change)}. {slower_words(change)}. {changes.after} against {changes.before}."
        if change and badge and badge.moved
        else "",
        badge=badge,
        stats=draw_stats(asked),
        percentiles=plots.percentiles(asked.frame, asked.points, QUANTILES),
        spread=_spread(asked.figures),
        releases=release_lines(asked),
        spans=_span_lines(asked, parameters.get("category", "")),
        categories=_choices(asked, "category", parameters, dict(Category.choices)),
        traces=traces,
        older="?" + urlencode({**parameters, "cursor": traces.next}) if traces.next else "",
        kinds=_choices(asked, "kept", parameters, dict(KeptFor.choices)),
        issues=issue_lines(asked),
        issues_href=_issues_href(asked),
    )


def _spread(figures: Figures) -> Spread | None:
    found = figures.percentiles([0.5, 0.95, 0.99])
    return make_spread(figures.bins, dict(zip(("p50", "p95", "p99"), found, strict=True))) if found else None


# --- releases --------------------------------------------------------------------------------------------------------
def release_lines(asked: Asked) -> list[ReleaseLine]:
    """Return the releases that ran in this range, the newest first, each against the one before it."""
    known = {version: place for place, version in enumerate(asked.known_releases)}
    ordered = sorted(asked.releases.items(), key=lambda each: (known.get(each[0], len(known)), each[0]))[:RELEASES]
    return [
        _release_line(version, figures, ordered[place + 1][1] if place + 1 < len(ordered) else None)
        for place, (version, figures) in enumerate(ordered)
    ]


def _release_line(version: str, figures: Figures, before: Figures | None) -> ReleaseLine:
    badge = None
    if before is not None:
        (change,) = compare({version: before}, {version: figures})
        badge = badge_of(change, judged=1)
    return ReleaseLine(
        version=version or "no release",
        figures=figures,
        requests=words.count(round(figures.weighted)),
        failed=words.percent(figures.failure_ratio),
        p50=words.seconds(figures.percentile(0.5)),
        p95=words.seconds(figures.percentile(0.95)),
        apdex=apdex_value(figures.apdex),
        badge=badge,
    )


# --- spans -----------------------------------------------------------------------------------------------------------
def _span_lines(asked: Asked, category: str) -> list[SpanLine]:
    found = slowest_spans(
        asked.project_ids,
        asked.span.epoch_start,
        asked.span.epoch_end,
        environment=asked.environment,
        transaction=asked.name,
        category=category if category in Category.values else None,
        limit=SPANS,
    )
    return span_lines(found, asked.figures)


def span_lines(found: Sequence[tuple[SpanKey, SpanFigures]], transaction: Figures) -> list[SpanLine]:
    """Return the lines; shares are of the transaction's whole time, which spans at once may exceed together."""
    return [
        SpanLine(
            category=Category(key.category).label,
            op=key.op,
            description=key.description,
            count=words.count(round(figures.weighted)),
            per_request=f"{figures.weighted / transaction.weighted:.1f}" if transaction.weighted else words.NO_DATA,
            mean=words.seconds(figures.mean_seconds),
            p95=words.seconds(figures.percentile(0.95)),
            share=min(figures.seconds / transaction.seconds, 1.0) if transaction.seconds else 0.0,
        )
        for key, figures in found
    ]


# --- traces, issues --------------------------------------------------------------------------------------------------
def _traces(asked: Asked, parameters: Mapping[str, str]) -> Page[KeptTransaction]:
    rows = kept_transactions(
        asked.project_ids,
        asked.span.epoch_start,
        asked.span.epoch_end,
        environment=asked.environment,
        name=asked.name,
    )
    if parameters.get("kept") in KeptFor.values:
        rows = rows.filter(kept_for=parameters["kept"])
    return read_page(rows, order=("-started_at", "-id"), cursor=parameters.get("cursor"), size=TRACES)


def _issues_href(asked: Asked) -> str:
    query = {**asked.scope.values(), "q": term("transaction", asked.name or "").text}
    return f"{reverse('issues')}?{urlencode(query)}"


def _choices(asked: Asked, name: str, parameters: Mapping[str, str], options: Mapping[str, str]) -> list[Choice]:
    """Return the options of a filter, "All" first, as links that keep the rest of the page."""
    kept = {key: value for key, value in parameters.items() if key not in (name, "cursor")}
    chosen = parameters.get(name, "") if parameters.get(name) in options else ""
    every = [("", "All"), *options.items()]
    return [
        Choice(label, "?" + urlencode({**kept, name: value} if value else kept), value == chosen)
        for value, label in every
    ]
