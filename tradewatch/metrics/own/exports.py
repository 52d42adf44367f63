"""The measures as Prometheus and the status endpoint see them."""

from collections.abc import Iterator, Sequence

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from tradewatch.metrics.own.registry import all_groups, all_measures, read_own


def own_measure_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """All are gauges: the value as it is now."""
    readings = read_own(timezone.now())
    for measure in all_measures().values():
        labels = [measure.label] if measure.label else []
        family = GaugeMetricFamily(measure.family, measure.help, labels=labels)
        for label, value in sorted(readings.values.get(measure.name, {}).items()):
            family.add_metric([label] if labels else [], value)
        yield family


def own_status() -> dict[str, object]:
    """Return {measure: its value, or {label: value}}, beside which measures are not as they should be."""
    readings = read_own(timezone.now())
    measures: dict[str, object] = {}
    states: dict[str, str] = {}
    for group in all_groups():
        for measure in group.measures:
            found = readings.values.get(measure.name)
            measures[measure.name] = (
                None if found is None else dict(sorted(found.items())) if measure.label else found[""]
            )
            if (state := readings.state_of(measure)) in ("warning", "critical"):
                states[measure.name] = state
    return {"measures": measures, "troubles": states, "unreadable": list(readings.failed)}
