from datetime import UTC, datetime, timedelta

import orjson
import pytest
import zstandard

from tests.inbox.builders import make_arrival
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.models import KeptItem
from tradewatch.metrics import queries
from tradewatch.metrics.models import Counter
from tradewatch.metrics.queries import Totals
from tradewatch.performance import names
from tradewatch.performance.transactions import TransactionHandler
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
END = datetime(2026, 11, 23, 11, 59, 10, tzinfo=UTC).timestamp()
START, STOP = int(END) // 3600 * 3600, int(END) // 3600 * 3600 + 3600


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-12", scrub_fields=["account_pin"])


def make_item(number=0, *, name="GET /orders", status="ok", seconds=0.2, **fields) -> Item:
    document = {
        "event_id": f"{number:032x}",
        "type": "transaction",
        "transaction": name,
        "start_timestamp": END - seconds,
        "timestamp": END,
        "environment": "production",
        "contexts": {"trace": {"status": status}},
        "spans": [],
    }
    return Item("transaction", {}, orjson.dumps(document | fields))


def digest(project, *items, drift=timedelta(), **headers):
    handler, arrival = TransactionHandler(), make_arrival(project, drift=drift, **headers)
    handler.store([handler.prepare(item, arrival) for item in items], now=NOW)


def count(project, series):
    return queries.total([project.pk], series, START, STOP)


def test_requests_failures_and_durations_are_counted(project):
    digest(project, make_item(1), make_item(2, status="internal_error", seconds=3.0), make_item(3, name="POST /orders"))
    assert count(project, "transactions") == Totals(3, 3.0)
    assert count(project, "transactions.failed") == Totals(1, 1.0)
    assert count(project, "tx:GET /orders").count == 2
    assert count(project, "tx.failed:GET /orders").count == 1
    assert count(project, "tx:POST /orders").count == 1
    assert queries.percentiles([project.pk], "transactions", START, STOP, [1.0]) == pytest.approx([3.0], rel=0.01)
    assert queries.percentiles([project.pk], "tx:POST /orders", START, STOP, [1.0]) == pytest.approx([0.2], rel=0.01)
    minute = int(END) // 60 * 60
    assert queries.series_points([project.pk], "transactions", START, STOP, 60, "production") == [(minute, 3, 3.0)]


def test_each_stands_for_as_many_as_its_sample_rate_says(project):
    digest(project, make_item(1), make_item(2), trace={"sample_rate": "0.1", "trace_id": "t" * 32})
    assert count(project, "transactions") == Totals(2, 20.0)


def test_a_second_delivery_changes_nothing(project):
    digest(project, make_item(1), make_item(1), make_item(2))
    digest(project, make_item(2), make_item(3, seconds=1.0), make_item(1))
    assert count(project, "transactions") == Totals(3, 3.0)
    assert KeptItem.objects.count() == 3
    assert queries.percentiles([project.pk], "transactions", START, STOP, [0.5]) == pytest.approx([0.2], rel=0.01)


def test_the_header_names_the_event(project):
    digest(project, make_item(1), event_id="b" * 32)
    assert KeptItem.objects.get().event_id.hex == "b" * 32


def test_transactions_without_an_id_are_all_counted(project):
    digest(project, make_item(event_id=None), make_item(event_id="no id"))
    assert count(project, "transactions").count == 2


def test_the_document_is_kept_scrubbed_with_what_was_read(project):
    digest(project, make_item(1, account_pin="4711", extra={"symbol": "EURUSD"}), trace={"trace_id": "t" * 32})
    item = KeptItem.objects.get()
    document = orjson.loads(zstandard.decompress(bytes(item.payload)))
    assert document["extra"] == {"symbol": "EURUSD"}
    assert b"4711" not in orjson.dumps(document)
    assert (item.trace_id, item.meta["name"], item.meta["is_failed"]) == ("t" * 32, "GET /orders", False)
    assert item.meta["seconds"] == pytest.approx(0.2, abs=1e-6)


def test_names_past_the_bound_are_folded(project, monkeypatch):
    monkeypatch.setattr(names, "NAMES_AN_HOUR", 3)
    digest(project, *(make_item(number, name=f"GET /{number}") for number in range(2)))
    digest(project, *(make_item(number, name=f"GET /{number}", status="aborted") for number in range(10, 20)))
    digest(project, make_item(30, name="GET /0"))
    series = set(Counter.objects.filter(series__startswith="tx:").values_list("series", flat=True))
    assert series == {"tx:GET /0", "tx:GET /1", "tx:GET /10", "tx:<other>"}
    assert count(project, "tx:<other>").count == 9
    assert count(project, "tx.failed:<other>").count == 9
    assert count(project, "tx:GET /0").count == 2
    assert count(project, "transactions").count == 13


def test_the_bound_is_each_projects_and_hours_own(project, monkeypatch):
    monkeypatch.setattr(names, "NAMES_AN_HOUR", 1)
    digest(project, make_item(1, name="a"), make_item(2, name="b", timestamp=END - 3600, start_timestamp=END - 3601))
    digest(Project.objects.create(name="Other", slug="other-12"), make_item(3, name="c"))
    assert not Counter.objects.filter(series="tx:<other>").exists()


def test_switched_off_they_are_discarded(project, settings):
    settings.SENTRY_ENABLE_PERFORMANCE_MONITORING = False
    assert TransactionHandler().prepare(make_item(), make_arrival(project)) is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"{"])
def test_what_is_no_document_is_unreadable(project, payload):
    with pytest.raises(Unreadable):
        TransactionHandler().prepare(Item("transaction", {}, payload), make_arrival(project))
