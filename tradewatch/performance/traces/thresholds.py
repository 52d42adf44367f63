"""What projects expect of their transactions, read once a batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tradewatch.performance.models import PerformanceSettings
from tradewatch.performance.models.settings import DEFAULT_APDEX_SECONDS


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
