"""Digesting events in tests the way the worker does."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import transaction

from tests.errors.documents import NOW
from tests.projects.builders import make_project
from tradewatch.errors.digest import ErrorHandler
from tradewatch.errors.fingerprint_book import forget_fingerprint_rules
from tradewatch.errors.models import Issue
from tradewatch.errors.rulebook import forget_rules
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.projects.config import forget_configs, project_configs
from tradewatch.projects.models import Project


def arrive(project: Project, *, received_at: datetime = NOW, is_simulated: bool = False) -> Arrival:
    forget_configs()
    forget_rules()
    forget_fingerprint_rules()
    return Arrival(
        project=project_configs()[project.pk],
        received_at=received_at,
        drift=timedelta(0),
        headers={},
        address="10.0.0.1",
        is_simulated=is_simulated,
    )


def digest(
    *events: dict[str, Any], project: Project | None = None, received_at: datetime = NOW, is_simulated: bool = False
) -> None:
    """Digest the events as one batch, the way the worker does."""
    arrival = arrive(project or make_project(), received_at=received_at, is_simulated=is_simulated)
    handler = ErrorHandler()
    drafts = [handler.prepare(Item("event", {}, orjson.dumps(event)), arrival) for event in events]
    with transaction.atomic():
        handler.store(drafts, now=received_at)


def only_issue(project: str = "default") -> Issue:
    return Issue.objects.get(project__slug=project)
