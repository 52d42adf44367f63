"""What is expected of projects' transactions, read once a batch."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tradewatch.performance.models import PerformanceSettings
from tradewatch.performance.models.settings import DEFAULT_APDEX_SECONDS
from tradewatch.performance.traces.asking import AskedTag, Wanted, wanted_of
from tradewatch.performance.traces.limits import Limits


@dataclass(frozen=True, slots=True)
class Expectations:
    """Apdex's T in seconds, the thresholds in milliseconds whose keeping is counted exactly, and the tags that are
    counted by themselves."""

    apdex_seconds: float = DEFAULT_APDEX_SECONDS
    latency_ms: tuple[int, ...] = ()
    tags: frozenset[AskedTag] = frozenset()


DEFAULT = Expectations()


def expectations(project_ids: Collection[int], now: datetime) -> Mapping[int, Expectations]:
    """Return {project id: expectations} of the projects of which there are any."""
    rows = PerformanceSettings.objects.filter(project__in=project_ids)
    own = {
        project_id: (apdex_seconds, {round(seconds * 1000) for seconds in thresholds})
        for project_id, apdex_seconds, thresholds in rows.values_list("project", "apdex_seconds", "latency_thresholds")
    }
    wanted = wanted_of(project_ids, now)
    return {project_id: _together(own.get(project_id), wanted.get(project_id)) for project_id in {*own, *wanted}}


def finding_limits(project_ids: Iterable[int]) -> Mapping[int, Limits]:
    """Return {project id: from which on something is found in its traces} of the projects that have said so."""
    return {
        row.project_id: Limits(
            repeats=row.n_plus_one_queries,
            repeats_seconds=row.n_plus_one_seconds,
            query_seconds=row.slow_query_seconds,
            http_seconds=row.slow_http_seconds,
            answer_bytes=row.large_answer_bytes,
        )
        for row in PerformanceSettings.objects.filter(project__in=set(project_ids))
    }


def _together(own: tuple[float, set[int]] | None, wanted: Wanted | None) -> Expectations:
    apdex_seconds, thresholds = own or (DEFAULT_APDEX_SECONDS, set())
    more = wanted or Wanted()
    return Expectations(apdex_seconds, tuple(sorted(thresholds | more.latency_ms)), more.tags)
