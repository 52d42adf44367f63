"""No page of issues counts the tables that grow with every event, on either database."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.triage import BIG_TABLES
from benchmarks.triage_pages import pages
from benchmarks.triage_store import seed
from tests.projects.builders import make_project, make_user
from tradewatch.errors.models import Event, Issue, TagCount
from tradewatch.metrics.models import Counter

pytestmark = pytest.mark.django_db
LARGEST_DOCUMENT = 200_000


@pytest.mark.slow
def test_no_list_counts_events_and_no_page_is_large(client: Client) -> None:
    project = make_project()
    seed(project, events=2500, issues=60, now=timezone.now() - timedelta(seconds=1), request_days=1)
    assert (Event.objects.count(), Issue.objects.count()) == (2500, 60)
    assert TagCount.objects.filter(key="venue").exists()
    assert Counter.objects.filter(resolution=86_400, series="events").exists()
    client.force_login(make_user("chief", is_superuser=True))
    for name, path in {**pages(), "export": "/issues/export.csv", "complete": "/issues/complete?q=venue:"}.items():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, name
        counting = [query["sql"] for query in captured if BIG_TABLES.search(query["sql"])]
        assert not counting, (name, counting)
        assert len(content) < LARGEST_DOCUMENT, (name, len(content))


def test_the_guard_sees_a_count() -> None:
    assert BIG_TABLES.search('SELECT COUNT(*) AS "__count" FROM "errors_event" WHERE x')
    assert BIG_TABLES.search("SELECT COUNT(*) FROM errors_issue JOIN errors_eventpayload ON 1")
    assert not re.search(BIG_TABLES, 'SELECT COUNT(*) FROM "errors_issue"')
