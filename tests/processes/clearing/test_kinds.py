"""That a step counts what it deleted itself, and not what somebody else was quicker to delete."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Model

from debugging.models import BrowserReplay
from tests.errors.builders import digest
from tests.errors.documents import make_event
from tests.inbox.builders import keep_item
from tests.performance.logs.builders import NOW, digest_lines, line
from tests.performance.traces.kept import keep
from tests.projects.builders import make_project
from tradewatch.errors.models import Event
from tradewatch.inbox.models import KeptItem
from tradewatch.performance.models import KeptTransaction, LogBlock
from tradewatch.processes.clearing.kinds import KINDS
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
ROWS = 20


def logs(project: Project) -> None:
    for number in range(ROWS):
        digest_lines(project, line(f"n{number}", ago=60.0 * number))


def traces(project: Project) -> None:
    for _ in range(ROWS):
        keep({}, project, hour=0)


def recordings(project: Project) -> None:
    moments = dict.fromkeys(("started_at", "ended_at", "received_at"), NOW)
    BrowserReplay.objects.bulk_create(
        BrowserReplay(project=project, replay_id=uuid4(), environment="production", **moments) for _ in range(ROWS)
    )


def attachments(project: Project) -> None:
    for _ in range(ROWS):
        keep_item(project, None, received_at=NOW)


def events(project: Project) -> None:
    digest(*(make_event(timestamp=NOW.timestamp() - ROWS + at) for at in range(ROWS)), project=project, received_at=NOW)


@contextmanager
def somebody_quicker(model: type[Model]) -> Iterator[list[int]]:
    """Delete half of the rows that a step has chosen, before its next statement; give their keys."""
    chosen, gone, waits = f'FROM "{model._meta.db_table}"', list[int](), ["choice", "next"]

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if waits == ["next"]:
            waits.clear()
            gone.extend(model._default_manager.order_by("pk").values_list("pk", flat=True)[: ROWS // 2])
            model._default_manager.filter(pk__in=gone).delete()
        elif waits and chosen in sql and "LIMIT" in sql:
            del waits[0]
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield gone


@pytest.mark.parametrize(
    ("store", "model"),
    [
        (logs, LogBlock),
        (traces, KeptTransaction),
        (recordings, BrowserReplay),
        (attachments, KeptItem),
        (events, Event),
    ],
)
def test_a_step_counts_what_it_deleted_itself(store: Callable[[Project], None], model: type[Model]) -> None:
    project = make_project()
    store(project)
    before = model._default_manager.count()
    assert before == ROWS
    with somebody_quicker(model) as others:
        taken = sum(KINDS[store.__name__].delete({project.pk: NOW + timedelta(hours=3)}))
    assert len(others) == ROWS // 2
    assert taken == before - model._default_manager.count() - len(others)
