from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.conf import settings as live_settings
from django.test import Client

from tests.performance.logs.builders import digest_lines, line
from tests.projects.builders import bearer, make_project
from tradewatch.core import bulk
from tradewatch.core.bulk import sqlite
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.disk import sampling, tasks
from tradewatch.performance.disk.kinds import KINDS, OTHER, by_kind, kind_of
from tradewatch.performance.models import DiskSample

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GB = 10**9
on_sqlite = pytest.mark.skipif(live_settings.IS_POSTGRES, reason="of SQLite's file")


def keep(at: datetime, free: int = 41 * GB, **sizes: int) -> DiskSample:
    return DiskSample.objects.create(at=at, sizes=sizes, free_bytes=free, total_bytes=100 * GB, is_exact=True)


def grow(days: int) -> None:
    for hour in range(days * 24 + 1):
        at = NOW - timedelta(hours=days * 24 - hour)
        keep(at, logs=GB + hour * GB // 24, metrics=GB)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("errors_event", "events"),
        ("errors_eventpayload", "payloads"),
        ("errors_issue", "issues"),
        ("inbox_attachmentchunk", "attachments"),
        ("inbox_queue", "inbox"),
        ("performance_logblock", "logs"),
        ("performance_logreceipt", "logs"),
        ("performance_kepttransactionpayload", "traces"),
        ("performance_transactionbucket", "metrics"),
        ("performance_taggedminute", "metrics"),
        ("sla_hourspread", "metrics"),
        ("metrics_counter", "metrics"),
        ("alerts_alert", "alerts"),
        ("django_session", OTHER),
    ],
)
def test_each_table_is_of_a_kind(table: str, kind: str) -> None:
    assert kind_of(table) == kind and kind in KINDS


def test_no_table_of_what_grows_is_among_the_others() -> None:
    grown = ("errors", "inbox", "performance", "metrics", "alerts")
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label in grown]
    assert [table for table in tables if kind_of(table) == OTHER] == [
        "performance_disksample",
        "performance_diskwatch",
    ] + [table for table in tables if table.startswith("performance_performancesettings")]


def test_kinds_add_up() -> None:
    tables = {"errors_event": 1, "errors_eventpayload": 2, "errors_issue": 4, "metrics_counter": 8, "x": 16}
    assert by_kind(tables) == {"payloads": 2, "events": 1, "issues": 4, "metrics": 8, "other": 16}


def test_what_is_stored_shows_in_its_kind() -> None:
    digest_lines(make_project(), *(line(f"line {at} " + "x" * (at % 900)) for at in range(900)))
    add_counts([CountRow(1, "e", f"series {at}", NOW.timestamp()) for at in range(500)])
    after = sampling.sample(NOW + timedelta(hours=1))
    # No growth is asked for: rows may find room in pages that others have left.
    assert after.sizes["metrics"] > 500 * 40 and after.sizes["logs"] > 0
    assert after.used_bytes == sum(after.sizes.values()) and 0 < after.free_bytes < after.total_bytes
    assert after.is_exact


def test_the_same_moment_again_changes_nothing() -> None:
    assert sampling.sample(NOW).pk == sampling.sample(NOW).pk


@on_sqlite
def test_a_large_file_is_shared_out_by_rows_and_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    add_counts([CountRow(1, "e", f"series {at}", NOW.timestamp()) for at in range(2000)])
    exact = bulk.table_sizes()
    monkeypatch.setattr(sqlite, "EXACT_BELOW_BYTES", 0)
    shared = bulk.table_sizes()
    assert exact.is_exact and not shared.is_exact
    assert sum(shared.tables.values()) == pytest.approx(sum(exact.tables.values()), rel=0.01)
    assert max(shared.tables, key=lambda table: shared.tables[table]) == "metrics_counter"


@on_sqlite
def test_without_dbstat_it_is_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_measured", lambda cursor: {})
    assert not bulk.table_sizes().is_exact


def test_history_goes_after_its_time(settings) -> None:
    settings.METRIC_RETENTION = timedelta(days=30)
    keep(NOW - timedelta(days=31), logs=1)
    keep(NOW - timedelta(days=29), logs=1)
    assert sampling.delete_old(NOW) == 1
    assert sampling.latest() == DiskSample.objects.get()


def test_growth_by_kind_and_the_outlook(settings) -> None:
    settings.IS_POSTGRES = False
    grow(3)
    samples = sampling.history(NOW)
    assert {kind: round(rate / GB, 2) for kind, rate in sampling.growth(samples).items()} == {"logs": 1.0, "metrics": 0}
    assert sampling.outlook(samples).words == "At this rate the disk is full in 41 days"


def test_free_pages_are_filled_before_the_file_grows(settings) -> None:
    settings.IS_POSTGRES = False
    for hour in range(49):
        keep(NOW - timedelta(hours=48 - hour), free=9 * GB, logs=GB + hour * GB // 24, unused=GB)
    assert sampling.outlook(sampling.history(NOW)).words == "At this rate the disk is full in 10 days"


def test_a_database_elsewhere_has_a_disk_that_nobody_knows(settings) -> None:
    settings.IS_POSTGRES = True
    grow(3)
    ahead = sampling.outlook(sampling.history(NOW))
    assert (ahead.words, ahead.days_left) == ("The database's own disk is not known here", None)
    assert ahead.bytes_a_day == pytest.approx(GB, rel=0.01)


def test_the_status_says_it(client: Client) -> None:
    status = client.get("/error-tracking/status", headers=bearer("errors:read")).json()
    assert status["disk"]["sampled_at"] is status["disk"]["days_left"] is None
    assert status["disk"]["level"] == ("unknown" if live_settings.IS_POSTGRES else "ok")
    taken = sampling.sample(datetime.now(UTC))
    disk = client.get("/error-tracking/status", headers=bearer("errors:read")).json()["disk"]
    assert disk["used_bytes"] == taken.used_bytes and disk["by_kind"] == taken.sizes
    assert disk["days_left"] is None and disk["forecast"]


def test_the_first_sample_is_taken_at_once_and_the_next_an_hour_later() -> None:
    assert sampling.is_due(NOW)
    keep(NOW)
    assert not sampling.is_due(NOW + timedelta(minutes=59))
    assert sampling.is_due(NOW + timedelta(hours=1))


def test_a_tick_within_the_hour_takes_none() -> None:
    tasks.sample_disk()
    tasks.sample_disk()
    assert DiskSample.objects.count() == 1
