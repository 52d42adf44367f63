"""Lists and figures stay quick when the tables behind them are long."""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertGroup, GroupMember, Notification, Route, Silence, TimelineEntry
from tests.projects.builders import bearer, make_project
from tradewatch.core import bulk
from tradewatch.errors.models import Issue
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.projects.models import Team

pytestmark = [pytest.mark.django_db, pytest.mark.server]  # no server, but it takes as long as one
ROWS = 100_000
# Of a request. What answers within a second on an idle machine (`pytest -rP` prints each time) may need three where two
# other tests and their servers share two cores; what reads a long table needs more than that.
SECONDS = 3.0
TRIES = 5


def copy(row: Model, *, rows: int = ROWS, **changes: Callable[[int], Any]) -> None:
    """Insert so many rows like `row`, which is not saved, apart from what `changes` says of row n."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    base = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    places = {
        number: (field, changes[field.attname]) for number, field in enumerate(fields) if field.attname in changes
    }
    columns = ['"transaction"' if field.column == "transaction" else field.column for field in fields]  # a word of SQL
    drafts = []
    for n in range(rows):
        values = list(base)
        for place, (field, change) in places.items():
            values[place] = field.get_db_prep_save(change(n), connection)
        drafts.append(values)
    for start in range(0, rows, 5000):
        bulk.insert_many(row._meta.db_table, columns, drafts[start : start + 5000])


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
    know_sizes()
    return client


@pytest.fixture
def history(client: Client) -> Client:
    """100,000 ended alerts of 30 days in 10,000 groups, each told, 1,000 open ones, and silences over some of these."""
    project, now = make_project(), timezone.now()
    team = Team.objects.create(name="Desk", slug="desk")
    route = Route.objects.get(parent=None)
    alert = Alert(project=project, category="error", source="s", title="t", starts_at=now, last_at=now, team=team)
    step = timedelta(days=30) / ROWS
    copy(
        alert,
        dedup_key=lambda n: f"key:{n % 5_000}",
        state=lambda n: "resolved" if n >= 1_000 else ("firing", "acknowledged")[n % 2],
        severity=lambda n: ("critical", "error", "info")[n % 3],
        starts_at=lambda n: now - n * step,
        last_at=lambda n: now - n * step,
        acknowledged_at=lambda n: now - n * step + timedelta(minutes=n % 50) if n % 2 else None,
        resolved_at=lambda n: now - n * step + timedelta(hours=1) if n >= 1_000 else None,
        is_unrouted=lambda n: False,
        team_id=lambda n: team.pk if n % 4 == 0 else None,
        tags=lambda n: {"venue": f"venue{n % 7}", "order": str(n)},
    )
    group = AlertGroup(project=project, route=route, route_path="Everything", opened_at=now)
    copy(
        group,
        rows=ROWS // 10,
        key=lambda n: f"{n:040}",
        state=lambda n: "ended" if n >= 100 else "firing",
        labels=lambda n: {"project": "default", "venue": f"venue{n % 7}"},
        opened_at=lambda n: now - 10 * n * step,
    )
    first_alert, first_group = (
        model.objects.order_by("id").values_list("id", flat=True)[0] for model in (Alert, AlertGroup)
    )
    copy(
        GroupMember(joined_at=now, told_sequence=1, told_severity="error", end_sequence=2),
        group_id=lambda n: first_group + n // 10,
        alert_id=lambda n: first_alert + n,
    )
    copy(
        Notification(group_id=first_group, event="firing", state="sent", created_at=now, target="desk@example.com"),
        rows=ROWS // 10,
        group_id=lambda n: first_group + n,
        created_at=lambda n: now - 10 * n * step,
        sent_at=lambda n: now - 10 * n * step,
    )
    copy(
        TimelineEntry(at=now, kind="fired", text="Sent by Prometheus."),
        alert_id=lambda n: first_alert + n,
        at=lambda n: now - n * step,
    )
    for n in range(20):
        Silence.objects.create(
            matchers=f"venue=venue{n % 9}", comment="venue is down", created_by="ann",
            ends_at=now + timedelta(hours=n - 5),
            starts_at=now - timedelta(hours=20),
        )  # fmt: skip
    client.force_login(User.objects.create_superuser("chief", "c@desk.example", "pass word 1"))
    know_sizes()
    return client


def know_sizes() -> None:
    """Tell the planner how large the tables are: PostgreSQL does so by itself within a minute, on what is committed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def slow_paths(client: Client, paths: Iterable[str]) -> dict[str, float]:
    """Return the best time of each path that never stayed below the limit, and print all."""
    token = bearer("*")
    slow = {}
    for path in paths:
        headers = token if path.startswith(("/alerts/active", "/error-t")) else {}
        client.get(path, headers=headers)
        for _ in range(TRIES):  # others on the machine may take any one of them
            started = time.perf_counter()
            assert client.get(path, headers=headers).status_code == 200, path
            slow[path] = min(slow.get(path, SECONDS * 100), round(time.perf_counter() - started, 3))
            if slow[path] <= SECONDS:
                break
    print("\n".join(f"{seconds:6.3f} s  {path}" for path, seconds in slow.items()))
    return {path: seconds for path, seconds in slow.items() if seconds > SECONDS}


def test_pages_of_alerts_stay_quick_after_a_long_history(history: Client) -> None:
    ended, still_open = (Alert.objects.filter(state=state).order_by("-id")[9] for state in ("resolved", "firing"))
    paths = (
        "/alerts",
        "/alerts?state=firing",
        "/alerts?state=held",
        "/alerts?state=acknowledged&owner=me",
        "/alerts?match=venue%3Dvenue3",
        "/alerts?match=order%3D~%22.*99%22",
        "/alerts?owner=none",
        "/alerts?owner=desk&severity=critical&category=error",
        "/alerts?state=resolved",
        "/alerts?state=resolved&severity=critical",
        "/alerts?state=resolved&severity=warning",
        "/alerts?state=resolved&category=security",
        "/alerts?state=resolved&owner=none",
        "/alerts?state=resolved&owner=team:desk",
        "/alerts?state=resolved&match=venue%3Dvenue3",
        "/alerts?state=resolved&match=venue%3Dnowhere",
        f"/alerts/{still_open.pk}",
        f"/alerts/{ended.pk}",
        "/alerts/silences",
        "/alerts/silences?state=expired",
        "/alerts/silences/new?matchers=venue%3Dvenue3",
        "/alerts/routing",
        "/alerts/routing?labels=venue%3Dvenue3",
        "/alerts/report",
        "/alerts/report?days=30",
        "/alerts/report?days=90",
        "/alerts/active",
        "/alerts/active?matcher=venue%3Dvenue3",
        "/error-dashboard.html",
        "/admin/alerts/alert/",
        "/admin/alerts/alert/?state__exact=resolved",
        "/admin/alerts/alertgroup/",
        "/admin/alerts/silence/",
    )
    assert slow_paths(history, paths) == {}


def test_every_answer_stays_quick(full: Client) -> None:
    paths = (
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
    )
    assert slow_paths(full, paths) == {}
