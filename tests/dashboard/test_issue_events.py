"""The list of an issue's events: pages by cursor, filters as far as they are cheap."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import make_event, make_issue
from tests.projects.builders import make_user
from tradewatch.dashboard import issue_events
from tradewatch.dashboard.issue_events import list_events
from tradewatch.errors.models import Event, Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue() -> Issue:
    return make_issue()


def event_with(issue: Issue, minutes: int, *, tags: dict[str, str] | None = None, **fields: Any) -> Event:
    event = make_event(issue, at=timezone.now() - timedelta(minutes=minutes), document={"tags": tags or {}})
    for name, value in fields.items():
        setattr(event, name, value)
    event.save()
    return event


def found(issue: Issue, search: str, environment: str = "") -> list[Event]:
    return list_events(issue, search=search, environment=environment, cursor=None).rows


def test_columns_and_tags_filter_alone_and_together(issue: Issue) -> None:
    now = timezone.now()
    release = Release.objects.create(project=issue.project, version="2.0.1", first_seen_at=now, last_seen_at=now)
    lmax = event_with(issue, 1, tags={"venue": "lmax"}, release=release, environment="uat")
    xnys = event_with(issue, 2, tags={"venue": "xnys floor"}, transaction="POST /orders")
    for search, expected in {
        "": [lmax, xnys],
        "environment:uat": [lmax],
        "release:2.0.1": [lmax],
        'transaction:"POST /orders"': [xnys],
        "venue:lmax": [lmax],
        'venue:"xnys floor"': [xnys],
        "venue:lmax,other": [lmax],
        "venue:lmax environment:production": [],
        "desk:7": [],
    }.items():
        assert found(issue, search) == expected, search
    assert found(issue, "", environment="uat") == [lmax]


@pytest.mark.parametrize("search", ["free text", "!venue:lmax", "venue:l*", "release:>1.0", "venue:", '"'])
def test_what_it_cannot_look_for_is_refused_beside_the_field(client: Client, issue: Issue, search: str) -> None:
    client.force_login(make_user("vera", role=Role.VIEWER))
    answer = client.get(f"/issues/{issue.pk}", {"tab": "events", "q": search})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


def test_pages_neither_lose_nor_repeat(client: Client, issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue_events, "PAGE_SIZE", 3)
    ids = [event_with(issue, minutes).event_id.hex for minutes in range(8)]
    client.force_login(make_user("vera", role=Role.VIEWER))
    seen: list[str] = []
    path = f"/issues/{issue.pk}?tab=events"
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r'<td class="mono"><a href="/issues/\d+/events/([0-9a-f]{32})', page)
        older = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == ids


def test_a_tag_is_looked_for_a_stretch_at_a_time_and_goes_on(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue_events, "MOST_LOOKED_AT", 4)
    for minutes in range(6):
        event_with(issue, minutes, tags={"venue": "lmax" if minutes in (1, 5) else "x"})
    first = list_events(issue, search="venue:lmax", environment="", cursor=None)
    assert (len(first.rows), first.looked_at) == (1, 4)
    rest = list_events(issue, search="venue:lmax", environment="", cursor=first.next)
    assert (len(rest.rows), rest.looked_at, rest.next) == (1, 2, None)
