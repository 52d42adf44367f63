"""Documents over real blocks: what is counted, judged, closed and said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.models import Alert
from sla.models import ClosedPeriod, Correction
from sla.reports.asking import asked_named, read_asked
from sla.reports.canonical import canonical, digest_of
from sla.reports.document import build
from tests.calendars.builders import thanksgiving_week
from tests.projects.builders import make_project
from tests.sla.reports.rows import count_minutes, make_target
from tradewatch.core.faults import Invalid

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def report(period: str = "2026-11", now: datetime = NOW) -> Any:
    return build(make_project(), asked_named(period), now)


def only(document: Any) -> Any:
    (entry,) = document["targets"]
    return entry


def test_a_month_is_what_was_counted_in_it() -> None:
    version = make_target()
    count_minutes(version, {at("2026-10-31T23:59"): (500, 500), at("2026-12-01T00:00"): (500, 500)})
    count_minutes(version, {at("2026-11-01T00:00"): (1500, 1), at("2026-11-30T23:59"): (500, 1)})
    found = report()
    entry = only(found)
    assert (entry["adjusted"]["valid"], entry["adjusted"]["bad"], entry["adjusted"]["allowed"]) == ("2000", "2", "2")
    assert (entry["value"], entry["state"], entry["adjusted"]["budget_left"]) == ("0.999", "met", "0")
    assert entry["period"]["seconds"] == 30 * 86_400
    assert [row["label"] for row in entry["rows"] if row["value"] is not None] == ["Sun 1 Nov", "Mon 30 Nov"]
    assert [row["left"] for row in entry["rows"]][::29] == ["0.5", "0"]
    assert found["lede"] == ["1 of 1 target was met."]
    assert found["sha256"] == digest_of(canonical(found)) and len(found["sha256"]) == 64


def test_one_request_more_misses() -> None:
    count_minutes(make_target(), {at("2026-11-10T10:00"): (1999, 2)})
    entry = only(report())
    assert entry["state"] == "missed" and Decimal(entry["adjusted"]["budget_left"]) < 0


def test_no_data_is_null_and_said() -> None:
    make_target()
    found = report()
    entry = only(found)
    assert entry["state"] == "no_data" and found["lede"] == ["0 of 1 target was met, 1 has no data."]
    for side in ("adjusted", "raw"):
        assert [entry[side][name] for name in ("value", "sli", "allowed", "budget_used", "budget_left")] == [None] * 5
    assert all(row["value"] is None and row["left"] is None for row in entry["rows"])


def test_a_project_without_targets_has_a_report_that_says_so() -> None:
    found = report()
    assert (found["targets"], found["lede"]) == ([], ["There is no target."])


@pytest.mark.parametrize(
    ("period", "hours", "seconds"),
    [("2026-03", 743, 3600), ("2026-11", 721, -3600), ("2026-10", 744, None), ("2028-02", 29 * 24, None)],
)
def test_a_month_with_a_clock_change_has_its_true_length(period: str, hours: int, seconds: int | None) -> None:
    make_target(zone="America/New_York")
    entry = only(report(period, at("2028-06-01T00:00")))
    assert entry["period"]["seconds"] == hours * 3600
    assert (entry["period"]["clock_change"] or {}).get("seconds") == seconds
    assert sum(1 for _ in entry["rows"]) == {743: 31, 721: 30, 744: 31, 696: 29}[hours]


def test_a_running_period_tells_so_far_and_apart_from_it_the_projection() -> None:
    version = make_target()
    count_minutes(version, {at("2026-11-01T00:00") + DAY * day: (1000, 1) for day in range(10)})
    found = report(now=at("2026-11-11T00:00"))
    entry = only(found)
    assert found["lede"] == ["1 of 1 target is met so far."]
    assert not entry["period"]["is_over"] and len(entry["rows"]) == 10
    assert (entry["adjusted"]["valid"], entry["projected"]["valid"]) == ("10000", "30000")


def test_a_period_that_has_not_begun_is_refused_by_name() -> None:
    make_target()
    with pytest.raises(Invalid) as refused:
        report("2027-01")
    assert refused.value.errors.keys() == {"period"}


def test_exclusions_stand_with_who_why_and_what_they_took() -> None:
    version = make_target()
    count_minutes(version, {at("2026-11-04T15:30"): (100, 100), at("2026-11-04T15:50"): (900, 0)})
    Correction.objects.create(
        project=version.target.project,
        kind="maintenance",
        starts_at=at("2026-11-04T15:30"),
        ends_at=at("2026-11-04T15:50"),
        reason="announced by the venue",
        actor="elena",
    )
    entry = only(report())
    (excluded,) = entry["exclusions"]
    assert (excluded["actor"], excluded["reason"]) == ("elena", "announced by the venue")
    assert (excluded["valid"], excluded["bad"], excluded["received"]) == ("100", "100", 100)
    assert (entry["raw"]["state"], entry["adjusted"]["state"]) == ("critical", "met")
    assert (entry["raw"]["bad"], entry["adjusted"]["bad"]) == ("100", "0")


def test_a_market_is_told_by_its_sessions() -> None:
    thanksgiving_week()
    version = make_target(window="market", market="XNYS", window_unit="week")
    count_minutes(version, {at("2026-11-27T14:30"): (10, 1), at("2026-11-27T18:00"): (10, 10)})
    entry = only(report("2026-W48"))
    assert entry["period"]["sessions"] == {
        "market": "XNYS",
        "count": 4,
        "half_days": ["2026-11-27"],
        "holidays": [{"day": "2026-11-26", "name": "Thanksgiving"}],
    }
    assert entry["period"]["counted_seconds"] == (3 * 390 + 210) * 60
    assert [(row["label"], row["note"], row["bad"]) for row in entry["rows"]][-1] == ("Fri 27 Nov", "half day", "1")
    assert len(entry["rows"]) == 4


def test_the_last_days_end_with_the_running_minute() -> None:
    version = make_target()
    now = at("2026-11-26T05:00")
    count_minutes(version, {now - 30 * DAY - MINUTE: (5, 5)})
    count_minutes(version, {now - 30 * DAY: (7, 0), now - MINUTE: (7, 0), now: (5, 5)})
    found = build(make_project(), read_asked({}), now + timedelta(seconds=40))
    assert (found["name"], found["period"]["label"]) == ("SLA-30d-2026-11-26", "last 30 days")
    assert only(found)["adjusted"]["valid"] == "14"


def test_a_past_period_is_judged_by_the_version_in_force_at_its_end() -> None:
    version = make_target()
    count_minutes(version, {at("2026-10-20T00:00"): (1000, 2), at("2026-11-20T00:00"): (1000, 2)})
    version.pk, version.number, version._state.adding = None, 2, True
    version.valid_from, version.target_value, version.reason = at("2026-11-05T00:00"), Decimal("0.99"), "too strict"
    version.objective = version.warning_threshold = Decimal("0.99")
    version.save()
    october, november = only(report("2026-10")), only(report("2026-11"))
    assert (october["version"]["number"], october["state"]) == (1, "warning")
    assert (november["version"]["number"], november["version"]["reason"], november["state"]) == (2, "too strict", "met")


def test_what_comes_after_closing_is_late_and_changes_nothing() -> None:
    version = make_target()
    count_minutes(version, {at("2026-11-04T15:30"): (1000, 1)})
    entry = only(report())
    ClosedPeriod.objects.create(
        target=version.target,
        label="2026-11",
        period_start=at("2026-11-01T00:00"),
        period_end=at("2026-12-01T00:00"),
        closed_at=at("2026-12-01T00:10"),
        valid=1000 * 10**6,
        bad=10**6,
        received=1000,
        received_bad=1,
        entry=entry,
    )
    assert only(report())["late"] is None
    count_minutes(version, {at("2026-11-04T15:30"): (1012, 4)})
    found = report()
    after = only(found)
    assert after["late"] == {"valid": "12", "bad": "3", "received": 12, "received_bad": 3}
    assert after["adjusted"] == entry["adjusted"] and after["closed_at"] == "2026-12-01T00:10:00Z"
    assert found["lede"][-1] == "Since closing, 12 more events arrived, 3 of them bad."


def test_costs_are_told_of_a_month_always_and_of_a_quarter_where_it_was_missed() -> None:
    count_minutes(make_target("met"), {at("2026-11-04T15:30"): (10_000, 1)})
    count_minutes(make_target("missed"), {at("2026-11-04T15:30"): (10_000, 500)})
    month, quarter = (
        {entry["metric_name"]: entry for entry in report(name)["targets"]} for name in ("2026-11", "2026-Q4")
    )
    assert month["met"]["releases"]["unattributed"] == "1" and month["missed"]["releases"]["unattributed"] == "500"
    assert quarter["met"]["releases"] is None and quarter["missed"]["issues"]["unattributed"] == "500"


def test_an_incident_takes_the_failures_of_the_minutes_it_touches_and_none_twice() -> None:
    version = make_target()
    minutes = {at("2026-11-11T10:00") + MINUTE * number: (1000, 10) for number in range(10)}
    count_minutes(version, minutes)
    for start, end, severity, title in (
        ("10:02:30", "10:04:00", "error", "Orders are slow"),
        ("10:03:00", "10:05:30", "critical", "Venue reconnect storm"),
        ("10:08:00", "10:08:10", "info", "A deployment began"),
    ):
        Alert.objects.create(
            project=version.target.project,
            dedup_key=title,
            state="resolved",
            severity=severity,
            category="error",
            source="test",
            title=title,
            starts_at=at(f"2026-11-11T{start}"),
            last_at=at(f"2026-11-11T{start}"),
            resolved_at=at(f"2026-11-11T{end}"),
        )
    entry = only(report())
    (incident,) = entry["incidents"]
    assert (incident["title"], incident["bad"], incident["points"]) == ("Venue reconnect storm", "40", "400")
    assert (incident["start"], incident["end"]) == ("2026-11-11T10:02:00Z", "2026-11-11T10:06:00Z")
    assert (entry["incident_elsewhere"], entry["incident_share"]) == ("60", "0.4")
