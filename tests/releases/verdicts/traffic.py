"""Requests and events around a deployment, counted the way digesting counts them, with loud defaults."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from releases.models import Deployment
from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception, make_frame
from tests.performance.traces.builders import make_row
from tests.projects.builders import make_project
from tradewatch.performance.traces.counting import TransactionRow, add_transactions
from tradewatch.projects.sightings import see_environments

MINUTE = timedelta(minutes=1)


def send(
    start: datetime, minutes: int, *, each: int = 100, failing: int = 0, project_id: int | None = None, **fields: Any
) -> None:
    """Let `each` requests come a minute, evenly, `failing` of them failed, in [start, start + minutes)."""
    pk = project_id or make_project().pk
    rows = list(_rows(start, minutes, each, failing, {"name": "POST /orders", "project_id": pk} | fields))
    with transaction.atomic():
        see_environments([(pk, rows[0].place.environment)], now=start)
        add_transactions(rows, now=start + minutes * MINUTE)


def _rows(start: datetime, minutes: int, each: int, failing: int, fields: dict[str, Any]) -> Iterator[TransactionRow]:
    seconds = fields.pop("seconds", 0.2)
    for number in range(minutes):
        for place in range(each):
            at = (start + (number + place / each) * MINUTE).timestamp()
            spread = seconds * (0.5 + place % 50 / 50)
            yield make_row(at, seconds=spread, is_failed=place < failing, **fields)


def throw(
    at: datetime,
    count: int,
    *,
    release: str = "trading-api@2.0.1",
    type: str = "KeyError",
    over: timedelta = MINUTE,
    environment: str = "production",
) -> None:
    """Let `count` events of one issue come within `over`."""
    frame = make_frame("check", "app.risk")
    thrown = make_exception(type, "institutional", frames=[frame])
    events = [
        make_event(
            thrown,
            timestamp=(at + over * (number / count)).timestamp(),
            release=release,
            environment=environment,
        )
        for number in range(count)
    ]
    digest(*events, received_at=at + over)


def after(deployment: Deployment, minutes: float) -> datetime:
    assert deployment.finished_at is not None
    return deployment.finished_at + minutes * MINUTE
