"""Maintenance over a check: which of its outages were planned. Uptime counts them all the same: it is what was."""

from collections.abc import Sequence
from datetime import datetime

from alerts.choices import AlertCategory
from alerts.labels import LabelFacts, labels_of
from alerts.maintenance import Planned, last_labels, maintenance_within
from tradewatch.performance.checks.news import fingerprint_of
from tradewatch.performance.models import Check


def maintenance_of(row: Check, start: datetime, end: datetime) -> list[Planned]:
    """Return the maintenance of [start, end) that holds the alerts of this check, in the order of time."""
    labels = last_labels(row.project_id, fingerprint_of(row.pk)) or _labels(row)
    return maintenance_within(row.project_id, labels, start, end)


def planned_by(planned: Sequence[Planned], start: datetime, end: datetime) -> str:
    """Return the name of the maintenance that [start, end) touches; empty where none does."""
    return next((each.name for each in planned if each.start < end and each.end > start), "")


def _labels(row: Check) -> dict[str, str]:
    """Return what an alert of it would be labelled with, but for the rule: a project may have its own."""
    facts = LabelFacts(
        severity=row.severity,
        category=AlertCategory.SYSTEM,
        project=row.project.slug,
        environment=row.environment,
        dedup_key=fingerprint_of(row.pk),
        tags={"check": row.name, "kind": row.kind},
    )
    return labels_of(facts)
