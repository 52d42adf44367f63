"""Issues, events, alerts and rollups for the pages' tests, with loud defaults."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import orjson
import zstandard
from django.utils import timezone

from alerts.models import Alert
from tests.projects.builders import make_project
from tradewatch.errors.models import Event, EventPayload, Issue
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.projects.models import Project

DOCUMENT: dict[str, Any] = {
    "platform": "python",
    "timestamp": 1_700_000_010.0,
    "exception": {
        "values": [
            {
                "type": "KeyError",
                "value": "'ACC-1'",
                "mechanism": {"source": "__cause__"},
                "stacktrace": {"frames": [{"filename": "app/a.py", "in_app": True}]},
            },
            {
                "type": "MarginCheckError",
                "value": "no margin account",
                "stacktrace": {
                    "frames": [
                        {"filename": "starlette/routing.py", "function": "app", "lineno": 70, "in_app": False},
                        {"filename": "site-packages/fastapi/routing.py", "function": "run", "in_app": False},
                        {
                            "filename": "app/risk/margin.py",
                            "function": "check_margin",
                            "lineno": 53,
                            "in_app": True,
                            "pre_context": ["    try:", "    except KeyError as error:"],
                            "context_line": "        raise MarginCheckError() from error",
                            "post_context": ["    return"],
                            "vars": {"quantity": "200", "token": "[Filtered]"},
                        },
                    ]
                },
            },
        ]
    },
    "breadcrumbs": {"values": [{"timestamp": 1_700_000_008.5, "category": "query", "message": "SELECT 1"}]},
    "request": {
        "method": "POST",
        "url": "https://trade/orders",
        "headers": [["Host", "trade"]],
        "data": {"quantity": 200},
    },
    "user": {"id": "u-1"},
    "contexts": {"runtime": {"name": "CPython"}},
}


def make_issue(
    project: Project | None = None, *, title: str = "MarginCheckError: no margin account", **fields: Any
) -> Issue:
    project = project or make_project()
    now = timezone.now()
    defaults: dict[str, Any] = {
        "number": project.issues.count() + 1,
        "exception_type": title.partition(":")[0][:200],
        "message": title.partition(": ")[2],
        "culprit": "app.risk.margin in check_margin",
        "severity": "error",
        "category": "risk",
        "event_count": 1,
        "first_seen_at": now - timedelta(minutes=10),
        "last_seen_at": now,
    }
    return Issue.objects.create(project=project, title=title, **(defaults | fields))


def make_event(issue: Issue, *, at: datetime | None = None, document: dict[str, Any] | None = None) -> Event:
    moment = at or timezone.now()
    event = Event.objects.create(
        project=issue.project,
        issue=issue,
        event_id=uuid.uuid4(),
        timestamp=moment,
        received_at=moment,
        severity=issue.severity,
        environment="production",
    )
    packed = zstandard.compress(orjson.dumps(document or DOCUMENT), 3)
    EventPayload.objects.create(event=event, data=packed)
    return event


def make_alert(project: Project | None = None, **fields: Any) -> Alert:
    now = timezone.now()
    defaults: dict[str, Any] = {
        "dedup_key": uuid.uuid4().hex,
        "severity": "critical",
        "category": "error",
        "source": "error_rate",
        "title": "Error rate 2.1%",
        "starts_at": now - timedelta(minutes=12),
        "last_at": now,
    }
    return Alert.objects.create(project=project or make_project(), **(defaults | fields))


def count(
    series: str, at: datetime, number: int, *, weight: float = 1.0, project: Project | None = None, **fields: Any
) -> None:
    """Count into the minute and the hour of `at`, as digesting does."""
    for resolution in Resolution:
        row, _ = Counter.objects.get_or_create(
            project_id=(project or make_project()).pk,
            environment=fields.get("environment", "production"),
            series=series,
            resolution=resolution,
            start=int(at.timestamp()) // resolution * resolution,
        )
        row.count += number
        row.weighted += number * weight
        row.save()
