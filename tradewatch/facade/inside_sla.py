"""What `inside` answers about the SLA: the services behind the API, and the same JSON."""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from django.db import connections
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

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


def answered(answer: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answer as it reads over HTTP. Within an event loop, where the ORM may not be used, a thread asks."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _as_json(answer())
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_apart, answer).result()


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


def _apart(answer: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    try:
        return _as_json(answer())
    finally:
        connections.close_all()  # the thread's own; nobody else would close them


def _as_json(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JSONRenderer().render(data))
    return found
