"""How long merging and unmerging a large issue holds the write lock: `python -m benchmarks.merging`.

An issue of 100,000 events over 30 days in two environments, 20,000 users and 500 values of each of 20 tags is merged into a
like one and taken out again, in a database of its own (TRADEWATCH_HOME, or DATABASE_URL for PostgreSQL). The whole service
is timed: its transaction takes all but a few milliseconds of it.
"""

import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import django

EVENTS, USERS, TAGS, VALUES, DAYS = 100_000, 20_000, 20, 500, 30
MINUTES = DAYS * 24 * 60


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tradewatch.core.actors import SYSTEM
    from tradewatch.errors.services import merge_issue, unmerge_issue
    from tradewatch.projects.models import Project

    project = Project.objects.create(name="Merging", slug=f"merging-{uuid.uuid4().hex[:8]}")
    target, member = (make_issue(project, number) for number in (1, 2))
    started = time.perf_counter()
    merge_issue(SYSTEM, member, into=target)
    merged = time.perf_counter()
    unmerge_issue(SYSTEM, member)
    print(f"merge {merged - started:.2f} s, unmerge {time.perf_counter() - merged:.2f} s")


def make_issue(project: Any, number: int) -> Any:
    """Insert an issue with its counters; every tenth event is stored, so that extremes are read from rows."""
    from django.db import transaction

    from tradewatch.core import bulk
    from tradewatch.errors.models import Issue

    now = datetime.now(UTC).replace(microsecond=0)
    issue = Issue.objects.create(
        project=project,
        number=number,
        exception_type="Large",
        title=f"Large: {number}",
        severity="error",
        event_count=EVENTS,
        user_count=USERS,
        first_seen_at=now - timedelta(days=DAYS),
        last_seen_at=now,
    )
    with transaction.atomic():
        bulk.insert_many("errors_issueuser", ("issue_id", "user_hash"), [(issue.pk, n) for n in range(USERS)])
        tags = [(issue.pk, f"k{n % TAGS}", f"v{n // TAGS}", 200, now) for n in range(TAGS * VALUES)]
        bulk.insert_many("errors_tagcount", ("issue_id", "key", "value", "count", "last_seen_at"), tags)
        bulk.insert_many("metrics_counter", _BUCKET, list(_buckets(project.pk, issue.pk, now)))
        columns = (
            *("project_id", "event_id", "issue_id", "timestamp", "received_at", "severity", "environment"),
            *('"transaction"', "trace_id", "is_simulated"),
        )
        rows = [
            (project.pk, uuid.uuid4(), issue.pk, now - timedelta(minutes=n), now, "error", "production", "", "", False)
            for n in range(EVENTS // 10)
        ]
        bulk.insert_many("errors_event", columns, rows)
    return issue


_BUCKET = ("project_id", "environment", "series", "resolution", "start", "count", "weighted")


def _buckets(project_id: int, issue_id: int, now: datetime) -> Iterator[tuple[object, ...]]:
    end = int(now.timestamp()) // 86_400 * 86_400
    for environment in ("production", "staging"):
        for resolution in (60, 3600, 86_400):
            for at in range(0, MINUTES * 60, resolution):
                yield (project_id, environment, f"issue:{issue_id}", resolution, end - at, 1, 1.0)


if __name__ == "__main__":
    main()
