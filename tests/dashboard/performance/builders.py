"""Transactions of now, for the pages' tests."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from tests.performance.traces.builders import make_span
from tests.projects.builders import make_project
from tradewatch.performance.traces.counting import TransactionRow, add_spans, add_transactions
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.groups import TransactionPlace
from tradewatch.projects.models import Project


def make_figures(durations: Iterable[float] = (), *, failed: int = 0, weight: float = 1.0) -> Figures:
    """Return the figures of transactions with these durations in seconds, the first `failed` of them failed."""
    figures = Figures()
    for number, seconds in enumerate(durations):
        figures.count_one(seconds, is_failed=number < failed, weight=weight, apdex_seconds=0.5)
    return figures


def send(
    name: str = "GET /orders",
    durations: Iterable[float] = (0.2,),
    *,
    ago: timedelta = timedelta(minutes=2),
    failed: int = 0,
    op: str = "http.server",
    release: str = "api@2.0.0",
    environment: str = "production",
    weight: float = 1.0,
    project: Project | None = None,
    now: datetime | None = None,
) -> None:
    """Count transactions as digesting does, the first `failed` of them failed."""
    project, now = project or make_project(), now or timezone.now()
    at = (now - ago).timestamp()
    place = TransactionPlace(project.pk, environment, name, op, release)
    add_transactions(
        [TransactionRow(place, at, seconds, number < failed, weight) for number, seconds in enumerate(durations)],
        now=now,
    )


def send_spans(
    transaction: str = "GET /orders",
    durations: Iterable[float] = (0.05,),
    *,
    category: str = "db",
    description: str = "SELECT * FROM orders",
    ago: timedelta = timedelta(minutes=2),
) -> None:
    now = timezone.now()
    place = {"transaction": transaction, "category": category, "op": category, "description": description}
    at = (now - ago).timestamp()
    add_spans([make_span(at, seconds=each, project_id=make_project().pk, **place) for each in durations], now=now)
