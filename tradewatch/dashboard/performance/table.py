"""Transactions as lines of a table: their numbers, their share of all time, how they compare. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import TextChoices

from tradewatch.dashboard import words
from tradewatch.dashboard.performance.changes import Badge, Compared, badge_of
from tradewatch.dashboard.performance.stats import apdex_value
from tradewatch.performance.traces.figures import Figures, shares_of_time
from tradewatch.performance.traces.queries import TransactionKey


class Sort(TextChoices):
    P95 = "p95", "p95"
    FAILED = "failed", "Failed"
    TIME = "time", "Share of time"
    REQUESTS = "requests", "Requests"
    WORSE = "worse", "What got worse"


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """`spark` is the p95 of each step, in bars of whole percents of the highest; 0 where nothing came."""

    key: TransactionKey
    href: str
    project: str
    requests: str
    failed: str
    failed_count: str
    is_failing: bool
    p50: str
    p95: str
    apdex: str
    share: float
    badge: Badge | None
    spark: Sequence[int]

    @property
    def spark_label(self) -> str:
        return f"p95 of {self.key.name} over time, {self.p95} in all"


def order(
    transactions: Mapping[TransactionKey, Figures], sort: Sort, compared: Compared
) -> list[tuple[TransactionKey, Figures]]:
    """Return the transactions in the order of `sort`, the greatest first; equal ones by name."""
    if sort is Sort.WORSE:
        places = {change.key: place for place, change in enumerate(compared.changes)}
        return sorted(transactions.items(), key=lambda each: (places.get(each[0], len(places)), each[0]))
    value = _VALUES[sort]
    return sorted(transactions.items(), key=lambda each: (-value(each[1]), each[0]))


def make_lines(
    ordered: Sequence[tuple[TransactionKey, Figures]],
    *,
    everything: Mapping[TransactionKey, Figures],
    compared: Compared,
    sparks: Mapping[str, Sequence[Figures]],
    projects: Mapping[int, str],
    query: Mapping[str, str],
    page: str,
    threshold: float,
) -> list[TransactionLine]:
    """Return the lines. `everything`: of whose time the shares are; `projects`: names to show, if several;
    `page` and `query`: the address of a transaction's page; `threshold`: the failed share that stands out."""
    shares = shares_of_time({key: figures.seconds for key, figures in everything.items()})
    return [
        TransactionLine(
            key=key,
            href=f"{page}?{urlencode({**query, 'name': key.name})}",
            project=projects.get(key.project_id, ""),
            requests=words.count(round(figures.weighted)),
            failed=words.percent(figures.failure_ratio),
            failed_count=words.count(figures.failed),
            is_failing=(figures.failure_ratio or 0) > threshold,
            p50=words.seconds(figures.percentile(0.5)),
            p95=words.seconds(figures.percentile(0.95)),
            apdex=apdex_value(figures.apdex),
            share=shares.get(key, 0.0),
            badge=_badge(compared, key),
            spark=_heights(sparks.get(key.name, ())),
        )
        for key, figures in ordered
    ]


def _badge(compared: Compared, key: TransactionKey) -> Badge | None:
    change = compared.by_key.get(key)
    return None if change is None else badge_of(change, judged=compared.judged)


def _heights(points: Sequence[Figures]) -> list[int]:
    p95 = [_p95(each) for each in points]
    highest = max(p95, default=0.0)
    return [round(each / highest * 100) for each in p95] if highest else []


def _p95(figures: Figures) -> float:
    return figures.percentile(0.95) or 0.0


_VALUES: Mapping[Sort, Callable[[Figures], float]] = {
    Sort.P95: _p95,
    Sort.FAILED: lambda figures: figures.failure_ratio or 0.0,
    Sort.TIME: lambda figures: figures.seconds,
    Sort.REQUESTS: lambda figures: figures.weighted,
}
