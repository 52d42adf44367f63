"""The page behind each figure: the same counts, opened."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import count, make_event, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.core.faults import Unknown
from tradewatch.dashboard.counts import FIGURES, Counts, counts_of
from tradewatch.dashboard.ranges import CustomRange, Range
from tradewatch.metrics.services import DurationRow, add_durations
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=30, second=20, microsecond=0)
MINUTE = timedelta(minutes=1)


def counts(key: str, environment: str = "", period: Range | CustomRange = Range.HOUR) -> Counts:
    return counts_of(key, (make_project().pk,), environment, period, now=NOW)


def rows(found: Counts, name: str) -> list[tuple[str, ...]]:
    return [row.cells for table in found.tables if table.name == name for row in table.rows]


def test_an_error_rate_opens_to_its_minutes_its_transactions_and_its_issues() -> None:
    issue = make_issue(user_count=7)
    make_event(issue, at=NOW - 2 * MINUTE)
    count(f"issue:{issue.pk}", NOW - 2 * MINUTE, 12)
    for minutes, failed in ((2, 30), (3, 0)):
        count("transactions", NOW - minutes * MINUTE, 100)
        count("transactions.failed", NOW - minutes * MINUTE, failed)
    count("tx.failed:POST /orders", NOW - 2 * MINUTE, 30)
    count("tx:POST /orders", NOW - 2 * MINUTE, 60)
    found = counts("error-rate")
    assert found.sentence == "15.0% = 30 / 200 requests"
    at = [f"{NOW - minutes * MINUTE:%d %b %H:%M}" for minutes in (2, 3)]
    assert rows(found, "Over time") == [(at[0], "30", "100", "30.0%"), (at[1], "0", "100", "0%")]
    assert rows(found, "By transaction") == [("POST /orders", "30", "60", "50.0%")]
    assert rows(found, "By issue") == [(issue.title, "12", "7")]
    assert [cells[0] for cells in rows(found, "Events")] == [issue.title]


def test_sampled_requests_say_what_they_stand_for() -> None:
    count("transactions", NOW, 100, weight=5)
    assert counts("requests").sentence == "100 requests, which stand for ≈ 500 at the clients' sample rates"


def test_sessions_open_as_sessions() -> None:
    count("sessions", NOW, 100)
    count("sessions.errored", NOW, 3)
    found = counts("error-rate")
    assert (found.title, found.sentence) == ("Failed sessions", "3.0% = 3 / 100 sessions")
    assert not rows(found, "By transaction")


def test_errors_open_by_severity_category_and_release() -> None:
    count("events", NOW, 5)
    for series, number in (("severity.error", 5), ("category.risk", 5), ("release.2.0.1", 4), ("release.2.0.0", 1)):
        count(f"events.{series}", NOW, number)
    found = counts("errors")
    assert found.sentence == "5 events"
    assert rows(found, "By release") == [("2.0.1", "4"), ("2.0.0", "1")]
    assert rows(found, "By severity") == [("error", "5")]


def test_percentiles_open_by_transaction() -> None:
    count("tx:GET /quotes", NOW, 2)
    seconds = [DurationRow(make_project().pk, "production", "tx:GET /quotes", NOW.timestamp(), each) for each in (2, 2)]
    add_durations(seconds)
    [row] = rows(counts("p95"), "By transaction")
    assert row[:2] == ("GET /quotes", "2")
    assert row[4] == "2.0 s"


@pytest.mark.parametrize("key", FIGURES)
def test_silence_opens_to_no_data_and_never_to_zero_percent(key: str) -> None:
    found = counts(key)
    assert "0%" not in found.sentence
    assert all(not table.rows for table in found.tables)


def test_another_environment_and_another_time_have_their_own_counts() -> None:
    count("events", NOW, 5)
    count("events", NOW - 90 * MINUTE, 7)
    assert counts("errors", "staging").sentence == "0 events"
    start = (NOW - 100 * MINUTE).replace(second=0)
    assert counts("errors", period=CustomRange(start, start + 30 * MINUTE)).sentence == "7 events"


def test_what_is_no_figure_is_unknown() -> None:
    with pytest.raises(Unknown):
        counts("luck")


def test_each_step_leads_to_its_own_counts_and_each_issue_to_its_page(client: Client) -> None:
    client.force_login(make_user("vera", role=Role.VIEWER))
    now = timezone.now()
    issue = make_issue()
    count("events", now, 5)
    count(f"issue:{issue.pk}", now, 5)
    page = client.get("/dashboard/counts/errors?window=24h").content.decode()
    assert f'href="/issues/{issue.pk}?window=24h"' in page
    step = page.split("/dashboard/counts/errors?start=")[1].split(chr(34))[0].replace("&amp;", "&")
    deeper = client.get("/dashboard/counts/errors?start=" + step).content.decode()
    assert "5 events" in deeper
    assert client.get("/dashboard/counts/luck").status_code == 404
    assert client.get("/dashboard/counts/errors?start=now&end=then").status_code == 400
