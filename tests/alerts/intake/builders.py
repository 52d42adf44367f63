from typing import Any

from alerts.models import IntakeSource
from alerts.services.intake_sources import give_new_key
from tests.projects.builders import make_project


def make_source(**fields: Any) -> tuple[IntakeSource, str]:
    """Return a source and its key."""
    source = IntakeSource(project=fields.pop("project", None) or make_project(), **{"name": "Prometheus", **fields})
    key = give_new_key(source)
    source.save()
    return source, key


def pushed(**fields: Any) -> dict[str, Any]:
    """An alert as Prometheus pushes it."""
    usual = {
        "labels": {"alertname": "HighLatency", "severity": "page", "instance": "orders-03:9100"},
        "annotations": {"summary": "p99 above 2 s", "description": "p99 is 2.31 s"},
        "startsAt": "2026-11-23T15:10:00.123456789Z",
        "endsAt": "2099-11-23T15:16:00Z",
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
    }
    return {**usual, **fields}
