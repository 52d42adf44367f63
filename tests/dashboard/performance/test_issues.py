"""Issues on the page of a transaction: their events of its own, in the page's range."""

import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import count, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.dashboard.performance import issues
from tradewatch.dashboard.performance.issues import IssueLine, issue_lines
from tradewatch.dashboard.performance.reading import Asked
from tradewatch.dashboard.scope import read_scope
from tradewatch.errors.models import Event, Issue, TagCount
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
NAME = "POST /orders"
NOW = timezone.now()


def meet(issue: Issue, *, minutes_ago: float, here: int, elsewhere: int = 0, environment: str = "production") -> None:
    """Let an issue have events, and be counted, as digesting does."""
    at = NOW - timedelta(minutes=minutes_ago)
    for name, number in ((NAME, here), ("GET /other", elsewhere)):
        Event.objects.bulk_create(
            Event(
                project=issue.project, issue=issue, event_id=uuid.uuid4(), timestamp=at, received_at=at,
                severity="error", environment=environment, transaction=name,
            )
            for _ in range(number)
        )  # fmt: skip
        row, _ = TagCount.objects.get_or_create(
            issue=issue, key="transaction", value=name, defaults={"count": 0, "last_seen_at": at}
        )
        TagCount.objects.filter(pk=row.pk).update(count=row.count + number)
    if here + elsewhere:
        count(f"issue:{issue.pk}", at, here + elsewhere, environment=environment)
    Issue.objects.filter(pk=issue.pk).update(event_count=issue.event_count + here + elsewhere)
    issue.refresh_from_db()


def lines(**parameters: str) -> list[IssueLine]:
    return issue_lines(Asked(read_scope(SYSTEM, {"window": "1h", **parameters}), now=NOW, name=NAME))


def shown(**parameters: str) -> list[tuple[str, str]]:
    return [(line.issue.title, line.events) for line in lines(**parameters)]


def test_events_are_those_of_the_range_and_of_this_transaction() -> None:
    mine, shared, old, foreign = (
        make_issue(title=name, event_count=0) for name in ("Mine", "Shared", "Old", "Foreign")
    )
    meet(mine, minutes_ago=10, here=3)
    meet(mine, minutes_ago=90, here=40)
    meet(shared, minutes_ago=10, here=4, elsewhere=30)
    meet(shared, minutes_ago=90, here=9)
    meet(old, minutes_ago=90, here=5)
    meet(foreign, minutes_ago=10, here=0, elsewhere=8)
    assert shown() == [("Shared", "4"), ("Mine", "3")]
    assert shown(window="24h") == [("Mine", "43"), ("Shared", "13"), ("Old", "5")]


def test_they_are_of_the_environment_and_the_projects_that_are_asked_for() -> None:
    issue = make_issue(title="Everywhere", event_count=0)
    meet(issue, minutes_ago=10, here=2, elsewhere=1)
    meet(issue, minutes_ago=10, here=5, elsewhere=1, environment="staging")
    meet(make_issue(make_project("theirs"), title="Theirs", event_count=0), minutes_ago=10, here=7)
    assert shown(project="default", environment="staging") == [("Everywhere", "5")]
    assert shown(project="default") == [("Everywhere", "7")]


def test_where_only_the_newest_were_looked_at_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "MOST_LOOKED_AT", 5)
    issue = make_issue(event_count=0)
    meet(issue, minutes_ago=20, here=4, elsewhere=4)
    meet(issue, minutes_ago=10, here=2)
    [line] = lines()
    assert line.events in {"2+", "3+", "4+", "5+"}


def test_the_number_leads_to_those_events(client: Client) -> None:
    client.force_login(make_user("vera", role=Role.VIEWER))
    issue = make_issue(event_count=0)
    meet(issue, minutes_ago=10, here=3, elsewhere=6)
    [line] = lines()
    asked = parse_qs(urlsplit(line.href).query)
    assert asked["q"] == ['transaction:"POST /orders"'] and asked["tab"] == ["events"]
    assert client.get(line.href).content.decode().count("<tr data-step>") == 3
