from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.utils import timezone

from tests.inbox.builders import make_envelope, queue_up
from tests.performance.custom_metrics.builders import (
    AT,
    NOW,
    a_container,
    an_entry,
    digest,
    value_of,
)
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.models import DeadLetter
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.metrics import queries
from tradewatch.metrics.models import Metric, MetricReceipt, MetricSeries
from tradewatch.metrics.points import writing
from tradewatch.performance.custom_metrics.refusals import refusals
from tradewatch.projects.models import Environment, Project


@pytest.fixture(autouse=True)
def _own_queue(inbox: Path) -> None:
    """What is queued is digested by nobody else."""


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-12", scrub_fields=["account_pin"])


def refused(project):
    at = int(NOW.timestamp())
    return [(each.reason, each.name, each.points) for each in refusals([project.pk], at - 3600, at)]


def test_points_of_a_container_are_counted(project):
    digest(
        project,
        a_container(
            an_entry(value=2, attributes={"venue": "XNYS"}),
            an_entry(value=3, attributes={"venue": "XLON"}),
            an_entry("latency", 12.5, type="distribution", unit="millisecond"),
            an_entry("latency", 30.0, type="distribution", unit="ms"),
            an_entry("open", 4, type="gauge", at=AT - 10),
            an_entry("open", 6, type="gauge"),
        ),
    )
    assert value_of(project) == 5.0
    assert value_of(project, filters={"venue": ["XLON"]}) == 3.0
    assert value_of(project, "latency", "max", unit="millisecond") == 30.0
    assert value_of(project, "latency", "p50") == pytest.approx(12.5, rel=0.01)
    assert value_of(project, "open", "last") == 6.0
    assert refused(project) == []


def test_what_an_sdk_adds_by_itself_makes_no_series(project):
    digest(project, a_container(an_entry(attributes={"venue": "XNYS", "user.id": "u-1", "process.pid": 77})))
    assert MetricSeries.objects.get().attributes == {"venue": "XNYS"}
    assert Metric.objects.get().environment == "production"
    assert Environment.objects.get().name == "production"


def test_the_environment_is_the_points_then_the_envelopes_then_the_default(project, settings):
    settings.SENTRY_ENVIRONMENT = "default-env"
    bare = {"name": "orders", "type": "counter", "value": 1}
    digest(project, a_container(an_entry()), trace={"environment": "staging"})
    digest(project, a_container(bare), trace={"environment": "staging"})
    digest(project, a_container(bare))
    assert set(Metric.objects.values_list("environment", flat=True)) == {"production", "staging", "default-env"}


def test_secrets_in_attributes_are_not_kept(project):
    digest(
        project,
        a_container(an_entry(attributes={"account_pin": "1234", "note": "password=hunter2", "venue": "XNYS"})),
    )
    kept = MetricSeries.objects.get().attributes
    assert "1234" not in str(kept) and "hunter2" not in str(kept)
    assert kept["venue"] == "XNYS"


def test_a_second_delivery_changes_nothing(project):
    container = a_container(an_entry(value=2))
    digest(project, container, container, sent_at="2026-11-23T11:59:00Z")
    digest(project, container, sent_at="2026-11-23T11:59:04Z")
    assert value_of(project) == 2.0
    assert Metric.objects.get().points == 1
    assert MetricReceipt.objects.count() == 1


def test_containers_without_moments_or_an_id_are_all_counted(project):
    container = a_container({"name": "orders", "type": "counter", "value": 1})
    digest(project, container, container)
    digest(project, container, event_id="a" * 32)
    digest(project, container, event_id="a" * 32)
    assert value_of(project) == 3.0


def test_of_a_wrong_entry_only_itself_is_lost_and_that_is_said(project):
    digest(
        project,
        a_container(
            an_entry(),
            an_entry(name="no name"),
            an_entry(value=-1),
            an_entry(type="set"),
            an_entry(at=AT + 40_000_000),
            "no object",
            7,
        ),
    )
    assert value_of(project) == 1.0
    assert sorted(refused(project)) == [
        ("item", "", 2),
        ("name", "", 1),
        ("timestamp", "orders", 1),
        ("type", "orders", 1),
        ("value", "orders", 1),
    ]


def test_not_a_number_is_refused_as_python_writes_it(project):
    entries = orjson.dumps([an_entry(), an_entry("open", 5)]).replace(b'"value":5', b'"value":NaN')
    digest(project, Item("trace_metric", {}, b'{"version":2,"items":' + entries + b"}"))
    assert value_of(project) == 1.0
    assert refused(project) == [("value", "open", 1)]


def test_a_client_that_invents_names_does_not_fill_the_refusals(project):
    digest(project, a_container(*(an_entry(f"metric.{number}", "x") for number in range(100))))
    found = refused(project)
    assert len(found) == 21 and sum(points for _, _, points in found) == 100


def test_names_beyond_the_cap_are_said(project, monkeypatch):
    monkeypatch.setattr(writing, "NAMES_A_PROJECT", 1)
    digest(project, a_container(an_entry("a"), an_entry("b"), an_entry("b")))
    assert refused(project) == [("names", "", 2)]


def test_a_clock_that_is_hours_off_is_corrected(project):
    digest(project, a_container(an_entry(at=AT + 7200)), drift=timedelta(hours=-2))
    assert value_of(project) == 1.0


def test_a_late_container_corrects_its_own_hour(project):
    digest(project, a_container(an_entry(value=7, at=AT - 5 * 3600)))
    assert value_of(project, hours=(6, 7)) == 7.0


@pytest.mark.parametrize("payload", [b"nonsense", b"[]", b'{"items": 5}', b"{}", b"\xff\xfe"])
def test_what_is_no_container_is_a_dead_letter(project, payload):
    with pytest.raises(Unreadable):
        digest(project, Item("trace_metric", {}, payload))


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("depth", [100, 300, 900])
def test_attributes_nested_too_deeply_cost_themselves_and_not_the_point(project, depth):
    entry = '{"name": "orders", "type": "counter", "value": 2, "timestamp": %s, "attributes": {"venue": %s}}'
    payload = f'{{"items": [{entry % (AT, nested(depth))}, {entry % (AT, nested(1))}]}}'
    digest(project, Item("trace_metric", {}, payload.encode()))
    assert value_of(project) == 4.0


@pytest.mark.parametrize("depth", [300, 1_500, 100_000])
def test_a_name_nested_too_deeply_is_refused_or_the_container_is_a_dead_letter(project, depth):
    payload = f'{{"items": [{{"name": {nested(depth)}, "type": "counter", "value": 2}}]}}'
    try:
        digest(project, Item("trace_metric", {}, payload.encode()))
    except Unreadable:
        assert depth > 1_000
    else:
        assert sum(points for *_, points in refused(project)) == 1


@pytest.mark.django_db(transaction=True)
def test_switched_off_they_are_discarded_and_counted(project, settings):
    settings.SENTRY_ENABLE_CUSTOM_METRICS = False
    queue_up(make_envelope(("trace_metric", {"items": [an_entry()]})), project_id=project.pk)
    digest_batch(HANDLERS)
    assert not Metric.objects.exists()
    assert queries.total([project.pk], "discarded.trace_metric", 1_699_999_200, 1_700_006_400).count == 1


@pytest.mark.django_db(transaction=True)
def test_a_thousand_points_of_the_sdk_are_one_container(project):
    now = timezone.now()
    entries = [an_entry(at=now.timestamp(), attributes={"order": str(number % 50)}) for number in range(1000)]
    queue_up(
        make_envelope(("trace_metric", {"version": 2, "items": entries})),
        project_id=project.pk,
        received_at=now.timestamp(),
    )
    digest_batch(HANDLERS)
    assert Metric.objects.get().points == 1000
    assert MetricSeries.objects.count() == 50
    assert not DeadLetter.objects.exists()
