"""Reports in, figures and alerts out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.models import Alert, AlertRule, OccurrenceRecord
from alerts.services.judging import judge_occurrences
from alerts.services.judging_measures import judge_measures
from tests.performance.hosts.builders import make_points, report_host
from tests.projects.builders import make_project, make_user
from tradewatch.core import pulse
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import over
from tradewatch.performance.hosts import own, services
from tradewatch.performance.hosts.collector import Sample
from tradewatch.performance.hosts.points import Point, labels
from tradewatch.performance.hosts.queries import figures_at, host_called
from tradewatch.performance.hosts.services import (
    delete_host,
    forget_old_hosts,
    note_look,
    retire_host,
    tell_of_silent_hosts,
)
from tradewatch.performance.hosts.states import HostState
from tradewatch.performance.models import Host
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def look(now: datetime) -> list[Alert]:
    """Let the clock tick; return the open alerts."""
    tell_of_silent_hosts(now, watched_since=LONG_AGO)
    judge_occurrences(now)
    return list(Alert.objects.exclude(state="resolved"))


# --- reports ------------------------------------------------------------------------------------------------------
def test_a_report_makes_the_host_and_its_figures() -> None:
    host = report_host(now=NOW, platform="Linux 6.1", agent_version="0.1.0")
    host.refresh_from_db()
    assert (host.cpu_ratio, host.memory_ratio, host.disk_ratio, host.disk_mount) == (0.38, 0.58, 0.41, "/")
    assert (host.first_seen_at, host.last_seen_at, host.platform, host.cpu_count) == (NOW, NOW, "Linux 6.1", 4)
    report_host(now=at(1), points=make_points(cpu=0.5))
    host.refresh_from_db()
    assert (Host.objects.count(), host.cpu_ratio, host.first_seen_at, host.last_seen_at) == (1, 0.5, NOW, at(1))


def test_what_it_measured_is_a_metric_with_its_name() -> None:
    report_host("api-01", now=NOW, points=make_points(cpu=0.2))
    report_host("api-02", now=NOW, points=make_points(cpu=0.8))
    project = make_project()
    start = int(NOW.timestamp())
    asked = Question([project.pk], "host.cpu", group_by="host")
    assert over(asked, start, start + 60) == {"api-01": 0.2, "api-02": 0.8}
    disk = Question([project.pk], "host.disk", group_by="mount", filters={"host": ["api-02"]})
    assert over(disk, start, start + 60) == {"/": 0.41}


def test_a_buffered_report_lands_in_its_own_minute_and_changes_nothing_newer() -> None:
    report_host(now=NOW, points=make_points(cpu=0.9))
    host = report_host(now=NOW, points=make_points(cpu=0.1), age_seconds=600)
    host.refresh_from_db()
    assert (host.cpu_ratio, host.last_seen_at) == (0.9, NOW)
    assert [figure.value for figure in figures_at(host, at(-10)) if figure.name == "cpu"] == [0.1]
    assert [figure.value for figure in figures_at(host, NOW) if figure.name == "cpu"] == [0.9]


def test_figures_of_a_minute_are_those_of_the_nearest_report_before_it() -> None:
    host = report_host(now=NOW)
    found = figures_at(host, at(3))
    assert [(each.name, each.attributes, each.value) for each in found] == [
        ("cpu", {}, 0.38),
        ("cpu.count", {}, 4.0),
        ("memory", {}, 0.58),
        ("disk", {"mount": "/"}, 0.41),
    ]
    assert found[0].unit == "ratio"
    assert figures_at(host, at(5)) == [] and figures_at(host, at(-1)) == []


def test_figures_are_one_hosts_alone() -> None:
    one = report_host("api-01", now=NOW, points=[Point("cpu", 0.1)])
    other = make_project("other")
    report_host("api-01", now=NOW, project=other, points=[Point("cpu", 0.7)])
    report_host("api-02", now=NOW, points=[Point("cpu", 0.9)])
    assert [figure.value for figure in figures_at(one, NOW)] == [0.1]


def test_a_project_has_only_so_many_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "HOSTS_A_PROJECT", 1)
    report_host("api-01", now=NOW)
    report_host("api-01", now=at(1))
    with pytest.raises(Invalid):
        report_host("api-02", now=NOW)


# --- silence ------------------------------------------------------------------------------------------------------
def test_silence_opens_one_alert_and_news_ends_it() -> None:
    host = report_host(now=NOW)
    assert look(at(2.9)) == []
    [alert] = look(at(3.5))
    assert (alert.title, alert.severity, alert.category) == ("Host api-01 is silent", "warning", "system")
    assert (alert.tags["host"], alert.link) == ("api-01", f"/hosts/{host.pk}")
    assert [each.pk for each in look(at(30))] == [alert.pk]
    assert OccurrenceRecord.objects.count() == 1
    report_host(now=at(31))
    alert.refresh_from_db()
    assert alert.state == "resolved" and "reports again" in alert.timeline.last().text
    assert look(at(32)) == []
    assert len(look(at(40))) == 1


def test_a_report_from_a_buffer_does_not_end_silence() -> None:
    report_host(now=NOW)
    [alert] = look(at(60))
    report_host(now=at(61), age_seconds=3000)
    alert.refresh_from_db()
    assert alert.state == "firing"


def test_while_tradewatch_was_away_nobody_was_silent() -> None:
    report_host(now=NOW)
    pulse.beat(at(-60), name=services.LOOKING_SINCE)
    pulse.beat(NOW, name=services.LOOKED)
    since = note_look(at(20))
    assert since == at(20)
    assert tell_of_silent_hosts(at(20), watched_since=since) == 0
    for minute in (20.5, 21, 21.5, 22, 22.5, 23):
        assert tell_of_silent_hosts(at(minute), watched_since=note_look(at(minute))) == 0
    assert note_look(at(23.5)) == at(20)
    assert tell_of_silent_hosts(at(23.5), watched_since=note_look(at(23.5))) == 1


def test_a_switched_off_rule_keeps_it_silent() -> None:
    AlertRule.objects.filter(kind="host_silent").update(is_enabled=False)
    report_host(now=NOW)
    assert look(at(10)) == []


def test_tradewatchs_own_host_of_the_past_is_retired_and_no_alert() -> None:
    report_host("container-1", now=NOW, is_own=True)
    report_host("container-2", now=at(90), is_own=True)
    assert look(at(95)) == []
    forget_old_hosts(at(95))
    assert {host.name: host.retired_at is None for host in Host.objects.all()} == {
        "container-1": False,
        "container-2": True,
    }


def test_an_event_finds_the_host_that_it_names() -> None:
    project = make_project()
    short, long = report_host("api-01", now=NOW), report_host("db-01.desk.example", now=NOW)
    assert host_called(project.pk, "api-01.desk.example") == short
    assert host_called(project.pk, "db-01.desk.example") == long
    assert host_called(project.pk, "db-01") is None and host_called(project.pk + 1, "api-01") is None


# --- rules over figures -------------------------------------------------------------------------------------------
def test_a_disk_that_fills_up_opens_an_alert_and_ends_it() -> None:
    for minute in range(12):
        report_host("db-01", now=at(minute), points=make_points(disk=0.97, mount="/var"))
        report_host("api-01", now=at(minute), points=make_points(disk=0.5))
    judge_measures(at(12))
    [alert] = Alert.objects.all()
    assert alert.title == "Disk nearly full: disk 97% of db-01"
    assert (alert.category, alert.tags["host"], alert.tags["mount"]) == ("system", "db-01", "/var")
    assert alert.link == f"/hosts/{Host.objects.get(name='db-01').pk}"
    assert "95%" in alert.message
    for minute in range(12, 30):
        report_host("db-01", now=at(minute), points=make_points(disk=0.4, mount="/var"))
        judge_measures(at(minute + 1))
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_a_rule_may_watch_another_figure_of_ones_own_project_alone() -> None:
    ours, other = make_project("ours"), make_project("other")
    AlertRule.objects.create(
        project=ours, name="Memory low", kind="host_metric", series="memory", threshold=0.9, window_seconds=60
    )
    for project in (ours, other):
        report_host(now=NOW, project=project, points=[Point("memory", 0.95)])
    judge_measures(at(1))
    assert [(each.project, each.title) for each in Alert.objects.all()] == [(ours, "Memory low: memory 95% of api-01")]


def test_a_host_that_says_nothing_is_unknown_not_fine() -> None:
    AlertRule.objects.filter(kind="host_metric").update(for_seconds=0)
    report_host(now=NOW, points=make_points(disk=0.97))
    judge_measures(at(1))
    judge_measures(at(30))
    assert Alert.objects.get(rule__kind="host_metric").state == "firing"


# --- people -------------------------------------------------------------------------------------------------------
def person(role: Role) -> Actor:
    user = make_user(f"the-{role}", role=role)
    return Actor(kind="user", id=user.pk, label=user.get_username())


def test_a_manager_retires_a_host_and_a_report_brings_it_back() -> None:
    host = report_host(now=NOW)
    [alert] = look(at(10))
    retire_host(person(Role.MANAGER), host, now=at(11))
    host.refresh_from_db()
    alert.refresh_from_db()
    assert (host.state(at(11)), alert.state) == (HostState.RETIRED, "resolved")
    assert look(at(60)) == []
    assert AuditEntry.objects.get().action == "host.retire"
    assert report_host(now=at(61)).state(at(61)) == HostState.REPORTS


def test_others_do_not() -> None:
    host = report_host(now=NOW)
    for act in (retire_host, delete_host):
        with pytest.raises(NotAllowed):
            act(person(Role.RESPONDER) if act is retire_host else person(Role.VIEWER), host, now=NOW)
    assert Host.objects.filter(retired_at=None).exists()


def test_a_deleted_host_is_forgotten_and_its_alert_ends() -> None:
    host = report_host(now=NOW)
    [alert] = look(at(10))
    delete_host(SYSTEM, host, now=at(11))
    alert.refresh_from_db()
    assert (Host.objects.exists(), alert.state) == (False, "resolved")


def test_hosts_without_any_metric_left_are_forgotten() -> None:
    report_host("old", now=NOW - timedelta(days=500))
    report_host("new", now=NOW)
    assert forget_old_hosts(NOW) == 1
    assert Host.objects.get().name == "new"


# --- TradeWatch's own ---------------------------------------------------------------------------------------------
def test_tradewatchs_own_host_belongs_to_the_first_project(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    sample = Sample(0.0, (Point("cpu", 0.25), Point("disk", 0.5, labels(mount="/"))), late=("disk:/mnt",))
    monkeypatch.setattr(own._collector, "collect", lambda: sample)
    assert not own.collect_own(NOW)
    other = make_project("another")
    assert own.collect_own(NOW)
    assert Host.objects.get().project == other
    first = make_project()
    assert own.collect_own(at(1))
    host = Host.objects.get(project=first)
    assert (host.is_own, host.cpu_ratio, host.late_parts, host.name) == (True, 0.25, ["disk:/mnt"], own.host_name())
    settings.WATCH_OWN_HOST = False
    assert not own.collect_own(at(2))


def test_a_collection_that_hangs_is_not_begun_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    make_project()
    assert own._turn.acquire(blocking=False)
    try:
        assert not own.collect_own(NOW)
    finally:
        own._turn.release()
