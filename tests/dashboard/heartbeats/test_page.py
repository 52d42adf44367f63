"""The page of one cron monitor: shares, bars, run times and history are of its own runs, and say so."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.heartbeats.runs import Outcome, Run, Share
from alerts.models import Heartbeat, HeartbeatEntry
from tests.dashboard.builders import make_alert
from tests.projects.builders import make_project, make_user
from tradewatch.dashboard.heartbeats.page import ENTRIES_A_PAGE, bars_of, finding_of, page_of, share_words
from tradewatch.dashboard.ranges import Range
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


def make_heartbeat(**fields: Any) -> Heartbeat:
    usual = {"project": make_project(), "name": "Settlement", "slug": "settlement", "grace_seconds": 60}
    return Heartbeat.objects.create(**{**usual, **fields})


def enter(row: Heartbeat, kind: str, at: datetime, **fields: Any) -> None:
    HeartbeatEntry.objects.create(heartbeat=row, kind=kind, at=at, **fields)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (Share(0, 0), ("no data", "no run ended")),
        (Share(288, 288), ("100%", "0 of 288 runs went wrong")),
        (Share(199_999, 200_000), ("99.99%", "1 of 200,000 runs went wrong")),
        (Share(2, 3), ("66.66%", "1 of 3 runs went wrong")),
        (Share(0, 1), ("0%", "1 of 1 run went wrong")),
    ],
)
def test_a_share_is_never_rounded_up(share: Share, words: tuple[str, str]) -> None:
    assert share_words(share) == words


def test_a_bar_shows_the_worst_of_its_runs_and_counts_it() -> None:
    start = timezone.now()
    runs = [Run(start + n * MINUTE, each) for n, each in enumerate([Outcome.OK, Outcome.LATE, Outcome.FAILED])]
    bars = bars_of(runs, start, start + 90 * 3 * MINUTE)
    assert [bar.bar.level for bar in bars] == ["crit"] + [""] * 89
    assert bars[0].bar.words == "1 of 3 failed"
    assert finding_of(runs) == "3 runs: 1 failed, 1 late"
    assert finding_of(runs[:1]) == "1 run: all good, none late"


def test_the_page_counts_draws_and_marks_its_runs(viewer: Client) -> None:
    now, row = timezone.now(), make_heartbeat(max_runtime_seconds=60)
    for minutes in range(50, 10, -10):
        enter(row, "start", now - minutes * MINUTE)
        enter(row, "success", now - (minutes - 1) * MINUTE, seconds=60.0 - minutes)
    enter(row, "missed", now - 8 * MINUTE, body="Expected at 11:52")
    enter(row, "success", now - 6 * MINUTE, seconds=5.0, late_seconds=45.0)
    enter(row, "fail", now - 2 * MINUTE, exit_code=3)
    enter(row, "success", now - 3 * 24 * 60 * MINUTE)
    enter(make_heartbeat(slug="other"), "fail", now - MINUTE)
    html = viewer.get(row.get_absolute_url()).content.decode()
    assert "2 of 7 runs went wrong" in html and "2 of 8 runs went wrong" in html, "24 hours and a week"
    assert "7 runs: 1 did not come, 1 failed, 1 late" in html
    assert "45 s late" in html and "exit 3" in html
    context = page_of(row, Range.HOUR, {}, now=now)
    assert [value for value in context["chart"].values if value is not None] == [10.0, 20.0, 30.0, 40.0, 5.0]
    assert context["chart"].limit.value == 60
    assert [bar.bar.level for bar in context["bars"] if bar.bar.level] == ["ok"] * 4 + ["crit", "warn", "crit"]


def test_its_own_alerts_are_shaded_alone() -> None:
    now, row = timezone.now(), make_heartbeat()
    for key in (f"heartbeat:{row.pk}", "heartbeat:99999"):
        make_alert(project=row.project, dedup_key=key, starts_at=now - 20 * MINUTE)
    [band] = page_of(row, Range.HOUR, {}, now=now)["chart"].bands
    assert band.start == int((now - 20 * MINUTE).timestamp())


def test_the_history_is_paged_to_its_end(viewer: Client) -> None:
    now, row = timezone.now(), make_heartbeat()
    for number in range(2 * ENTRIES_A_PAGE + 1):
        enter(row, "success", now - number * MINUTE, body=f"batch-{number:03}")
    seen, path, pages = [], row.get_absolute_url(), 0
    while path:
        html = viewer.get(path).content.decode()
        seen += re.findall(r"batch-\d+", html)
        found = re.search(r'href="([^"]*cursor=[^"#]*)#history" rel="next"', html)
        path, pages = found.group(1).replace("&amp;", "&") if found else "", pages + 1
    assert (len(seen), len(set(seen)), pages) == (101, 101, 3)
    assert viewer.get(row.get_absolute_url() + "?cursor=nonsense").status_code == 400


def test_a_new_one_says_that_nothing_came(viewer: Client) -> None:
    html = viewer.get(make_heartbeat().get_absolute_url()).content.decode()
    assert "It has never reported" in html and "no run ended in this time" in html
