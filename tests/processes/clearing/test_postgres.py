"""A month of events on a PostgreSQL of its own, above the high mark of its budget: what the clock makes of it.

What should stay and go is told by SQL of the test's own; how large the files are, by the server's own functions.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.backends import running_postgres, running_redis, wait_until
from tests.servers import Server, empty_server, libpq, migrated_database, start_grown
from tests.walks.test_live_across import log_in

pytestmark = [pytest.mark.server, pytest.mark.once]
MB = 1 << 20
PATIENCE = 300.0  # seconds, on a machine that others keep busy
SEED = """
from datetime import timedelta
from django.utils import timezone
from benchmarks.triage_store import seed
from tradewatch.inbox.models import KeptItem
from tradewatch.projects.models import Project
now = timezone.now()
for name in {names}:
    project = Project.objects.create(slug=name, name=name)
    seed(project, events={events}, issues=30, now=now - timedelta(hours=2), request_days=0, mixes_payloads=True)
    for days in (9, 2):
        at = now - timedelta(days=days)
        for _ in range(50):
            KeptItem.objects.create(project=project, item_type="attachment", received_at=at, payload=b"x" * 900)
"""
TELLING = """
SELECT id FROM (
    SELECT event.id,
           row_number() OVER (PARTITION BY issue_id ORDER BY timestamp, event.id) AS first,
           row_number() OVER (PARTITION BY issue_id ORDER BY timestamp DESC, event.id DESC) AS newest,
           row_number() OVER (PARTITION BY issue_id ORDER BY length(data) DESC, timestamp, event.id) AS richest,
           row_number() OVER (PARTITION BY issue_id, release_id, environment
                              ORDER BY timestamp DESC, event.id DESC) AS newest_of_place
    FROM errors_event AS event JOIN errors_eventpayload AS payload ON payload.event_id = event.id
) AS ranked WHERE first = 1 OR newest <= 10 OR richest <= 3 OR newest_of_place = 1
"""
FIGURES = "SELECT id, event_count, user_count, first_seen_at, last_seen_at FROM errors_issue ORDER BY id"
COUNTED = "SELECT sum(count) FROM metrics_counter WHERE series = 'events' AND resolution = 86400"


class Store:
    """The database, asked beside TradeWatch."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._asked = psycopg.connect(libpq(url), autocommit=True)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._asked.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def ids(self, sql: str) -> set[int]:
        return {number for (number,) in self.rows(sql)}

    def close(self) -> None:
        self._asked.close()


@pytest.fixture
def store() -> Iterator[Store]:
    """A store whose autovacuum looks every second, not every minute."""
    with running_postgres() as server, psycopg.connect(libpq(server), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        admin.execute("SELECT pg_reload_conf()")
        with migrated_database(server) as url, contextlib.closing(Store(url)) as found:
            yield found


@pytest.fixture
def server(store: Store) -> Iterator[Server]:
    with (
        running_redis() as redis,
        empty_server(
            ports=1,
            DATABASE_URL=store.url,
            REDIS_URL=redis,
            TRADEWATCH_DISK_HEADROOM_MB="100000",
            TRADEWATCH_DISK_LOW_PERCENT="82",
        ) as found,
    ):
        yield found


def seed(server: Server, *names: str, events: int) -> None:
    server.manage("shell", "-c", SEED.format(names=names, events=events), timeout=PATIENCE)


def test_old_data_of_least_worth_goes_until_the_low_mark_and_its_place_is_filled_again(
    server: Server, store: Store
) -> None:
    seed(server, "desk", "venue", "risk", events=6000)
    wait_until(lambda: store.value(LOOKED_THROUGH) == 2, what="autovacuum's first look", seconds=PATIENCE)
    size = store.value("SELECT pg_database_size(current_database())")
    server.env["TRADEWATCH_DATABASE_BUDGET_MB"] = str(int(size / MB / 0.92))
    telling, everything, figures = store.ids(TELLING), store.ids(EVENTS), store.rows(FIGURES)
    old, counted, stored = store.ids(OLD), store.value(COUNTED), store.value(STORED)

    start_grown(server)
    wait_until(lambda: store.rows(ENDED), what="the end of a clearing", seconds=PATIENCE)
    left = store.ids(EVENTS)
    gone = everything - left
    assert len(gone) > 1000 and telling <= left
    assert gone <= old  # a week of everything stays while what is older is enough
    assert store.rows(ITEMS) == [(2, 150)]  # attachments of nine days went before any event did
    cleared = store.value("SELECT cleared FROM performance_diskwatch")
    assert (cleared["events"], cleared["attachments"]) == (len(gone), 150)
    assert store.rows(FIGURES) == figures and store.value(COUNTED) == counted

    budget = int(server.env["TRADEWATCH_DATABASE_BUDGET_MB"]) * MB

    def is_free_as_said() -> bool:
        """The server's own count of live rows, of which the room is told, comes some moments later."""
        disk = status(server)["disk"]
        assert not disk["is_clearing"] and disk["level"] == "ok"
        freed: bool = disk["free_bytes"] - (budget - size) == pytest.approx(stored - store.value(STORED), rel=0.3)
        return freed

    wait_until(is_free_as_said, what="the room that was made", seconds=PATIENCE)
    at = store.value(CLOCK)
    wait_until(lambda: (store.value(CLOCK) - at).total_seconds() > 15, what="three more looks", seconds=PATIENCE)
    assert store.ids(EVENTS) == left
    the_page_says_what_happened_and_what_is_kept(server, store)
    server.stop()

    assert store.value(EARLY) == 4
    wait_until(lambda: store.value(DEAD) < 0.03 * len(everything), what="autovacuum", seconds=PATIENCE)
    before, table = store.value(STORED), store.value(TABLE)
    seed(server, "again", events=len(gone) // 2)
    # Most of it found a place: how much depends on how far autovacuum had come.
    assert store.value(TABLE) - table < 0.5 * (store.value(STORED) - before)


def status(server: Server) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.token('errors:read')}"}
    found: dict[str, Any] = httpx.get(f"{server.url}/error-tracking/status", headers=headers, timeout=60).json()
    return found


def the_page_says_what_happened_and_what_is_kept(server: Server, store: Store) -> None:
    ((number, happened, kept),) = store.rows(THINNED)
    headers = {"Authorization": f"Bearer {server.token('errors:read')}"}
    issue = httpx.get(f"{server.url}/error-tracking/issues/{number}", headers=headers, timeout=60).json()
    assert issue["events"] == happened
    page = httpx.get(f"{server.url}/issues/{number}", headers={"Cookie": log_in(server.url)}, timeout=60)
    assert f"<b>{happened:,}</b><p>{kept} of them kept, the others counted" in page.text


EVENTS = "SELECT id FROM errors_event"
OLD = "SELECT id FROM errors_event WHERE timestamp < now() - interval '7 days'"
STORED = "SELECT sum(length(data)) FROM errors_eventpayload"
TABLE = "SELECT pg_table_size('errors_eventpayload')"
ITEMS = "SELECT round(extract(epoch FROM now() - received_at) / 86400)::int, count(*) FROM inbox_keptitem GROUP BY 1"
ENDED = "SELECT 1 FROM performance_diskwatch WHERE ended_at IS NOT NULL"
CLOCK = "SELECT at FROM core_pulse WHERE name = 'clock'"
LOOKED_THROUGH = """
SELECT count(*) FROM pg_stat_user_tables
WHERE relname IN ('errors_event', 'errors_eventpayload') AND last_autoanalyze IS NOT NULL
"""
EARLY = """
SELECT count(*) FROM pg_class
WHERE relname IN ('errors_event', 'errors_eventpayload', 'inbox_keptitem', 'performance_logblock')
  AND array_to_string(reloptions, ',') LIKE '%autovacuum_vacuum_scale_factor=0.02%'
"""
DEAD = "SELECT max(n_dead_tup) FROM pg_stat_user_tables WHERE relname IN ('errors_event', 'errors_eventpayload')"
THINNED = """
SELECT issue.id, event_count, count(event.id) FROM errors_issue AS issue JOIN errors_event AS event
ON issue_id = issue.id GROUP BY 1 HAVING count(event.id) BETWEEN 20 AND 200 AND count(event.id) < event_count
ORDER BY event_count DESC, 1 LIMIT 1
"""
