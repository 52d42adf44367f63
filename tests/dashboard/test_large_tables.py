"""Lists and figures stay quick when the tables behind them are long."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from tests.projects.builders import bearer, make_project
from tradewatch.core import bulk
from tradewatch.errors.models import Issue
from tradewatch.metrics.models import Counter, Resolution

pytestmark = [pytest.mark.django_db, pytest.mark.server]  # no server, but it takes as long as one
ROWS = 100_000
SECONDS = 1.0  # of a request, on a busy machine; measured: below 0.2
TRIES = 5


def copy(row: Model, **changes: Callable[[int], Any]) -> None:
    """Insert 100,000 rows like `row`, which is not saved, apart from what `changes` says of row n."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    base = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    places = {
        number: (field, changes[field.attname]) for number, field in enumerate(fields) if field.attname in changes
    }
    rows = []
    for n in range(ROWS):
        values = list(base)
        for place, (field, change) in places.items():
            values[place] = field.get_db_prep_save(change(n), connection)
        rows.append(values)
    for start in range(0, ROWS, 5000):
        bulk.insert_many(row._meta.db_table, [field.column for field in fields], rows[start : start + 5000])


@pytest.fixture
def full(client: Client) -> Client:
    """100,000 open alerts, issues and counts."""
    project, now = make_project(), timezone.now()
    alert = Alert(
        project=project, severity="critical", category="error", source="s", title="t", starts_at=now, last_at=now
    )
    copy(
        alert,
        dedup_key=str,
        starts_at=lambda n: now - timedelta(seconds=n),
        severity=lambda n: ("critical", "info")[n % 2],
    )
    issue = Issue(project=project, title="E: x", exception_type="E", message="x", severity="error", category="risk")
    issue.first_seen_at = issue.last_seen_at = now
    copy(
        issue,
        number=lambda n: n + 1,
        title=lambda n: f"E{n}: x",
        event_count=lambda n: n % 1000,
        first_seen_at=lambda n: now - timedelta(minutes=n),
        last_seen_at=lambda n: now - timedelta(seconds=n),
    )
    first = Issue.objects.order_by("id").values_list("id", flat=True)[0]
    hour = int(now.timestamp()) // 3600 * 3600
    counter = Counter(project_id=project.pk, environment="production", resolution=Resolution.HOUR, count=1, weighted=1)
    copy(counter, series=lambda n: f"issue:{first + n // 50}", start=lambda n: hour - 3600 * (n % 50))
    client.force_login(User.objects.create_superuser("chief", "c@desk.example", "pass word 1"))
    return client


def test_every_answer_stays_below_a_second(full: Client) -> None:
    token = bearer("*")
    slow = {}
    for path in (
        "/alerts/active",
        "/alerts/active?severity=critical&limit=200",
        "/error-tracking/metrics",
        "/error-tracking/metrics?window=30d",
        "/error-tracking/status",
        "/error-tracking/issues",
        "/error-tracking/issues?state=unresolved&sort=events&limit=200",
        "/error-tracking/issues?sort=first_seen&severity=error",
        "/error-tracking/issues?query=E99999",
        "/error-tracking/issues?assignee=none&priority=medium",
        "/admin/errors/issue/",
        "/admin/errors/issue/?state__exact=unresolved",
        "/admin/errors/issue/?q=is:unresolved+E99999",
        "/issues",
        "/issues?sort=newest",
        "/issues?sort=loudest",
        "/issues?q=E99999",
        "/issues?environment=production",
        "/alerts",
        "/alerts?state=resolved",
        "/error-dashboard.html",
    ):
        headers = token if path.startswith(("/alerts/active", "/error-t")) else {}
        full.get(path, headers=headers)
        for _ in range(TRIES):  # others on the machine may take any one of them
            started = time.perf_counter()
            assert full.get(path, headers=headers).status_code == 200, path
            slow[path] = min(slow.get(path, SECONDS * 100), round(time.perf_counter() - started, 3))
            if slow[path] <= SECONDS:
                break
    assert {path: seconds for path, seconds in slow.items() if seconds > SECONDS} == {}
