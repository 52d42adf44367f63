"""What `inside` answers about the SLA: the services behind the API, and the same JSON."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from sla.models import Target
from sla.reports.asking import read_asked
from sla.reports.document import build
from sla.serializers import saved_answer
from sla.services.defaults import ensure_missing_defaults
from sla.services.targets import update_target
from sla.standings import status
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.projects.models import Project


def status_of(project_ids: list[int], environment: str | None) -> dict[str, Any]:
    return status(project_ids, environment, timezone.now())


def report_of(project_id: int, asked: Mapping[str, str]) -> Mapping[str, Any]:
    return build(Project.objects.get(pk=project_id), read_asked(asked), timezone.now())


def update_target_of(actor: Actor, project_id: int, metric_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    ensure_missing_defaults([project_id], now=now)
    target = Target.objects.filter(project=project_id, metric_name=metric_name).first()
    if target is None:
        raise Unknown(f"no target is named {metric_name}")
    numbers = {name: Decimal(str(value)) for name, value in values.items() if name != "reason"}
    return saved_answer(update_target(actor, target, numbers, reason=values.get("reason", ""), now=now))
