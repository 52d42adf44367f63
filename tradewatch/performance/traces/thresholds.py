"""What projects expect of their transactions, read once a batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tradewatch.performance.models import PerformanceSettings
from tradewatch.performance.models.settings import DEFAULT_APDEX_SECONDS
from tradewatch.performance.traces.limits import Limits


@dataclass(frozen=True, slots=True)
class Expectations:
    """Apdex's T in seconds, and the thresholds in milliseconds whose keeping is counted exactly."""

    apdex_seconds: float = DEFAULT_APDEX_SECONDS
    latency_ms: tuple[int, ...] = ()


DEFAULT = Expectations()


def expectations(project_ids: Iterable[int]) -> Mapping[int, Expectations]:
    """Return {project id: expectations} of the projects that have any of their own."""
    rows = PerformanceSettings.objects.filter(project__in=set(project_ids))
    return {
        project_id: Expectations(apdex_seconds, tuple(sorted({round(seconds * 1000) for seconds in thresholds})))
        for project_id, apdex_seconds, thresholds in rows.values_list("project", "apdex_seconds", "latency_thresholds")
    }


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
