from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tradewatch.dashboard.figures import Measures
from tradewatch.dashboard.hero import AlertLine, Hero, make_hero
from tradewatch.metrics.markers import Marker
from tradewatch.metrics.queries import Totals

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
MEASURES = Measures(Totals(14_800, 14_800.0), Totals(312, 312.0), events=286, users=48, p95_seconds=0.4)
ALERT = AlertLine(
    id=7,
    title="Error rate 2.1%",
    message="",
    severity="critical",
    state="firing",
    project="trading-api",
    environment="production",
    starts_at=NOW - timedelta(minutes=12),
    count=1,
    acknowledged_by="",
    link="",
)


def hero(
    *alerts: AlertLine,
    measures: Measures = MEASURES,
    last_resolved_at: datetime | None = None,
    markers: Sequence[Marker] = (),
) -> Hero:
    return make_hero(
        alerts, measures, last_resolved_at=last_resolved_at, within="in the last hour", now=NOW, markers=markers
    )


def test_the_worst_alert_that_waits_is_named_with_its_age_and_the_counts() -> None:
    shown = hero(ALERT, replace(ALERT, id=8, severity="error"))
    assert shown.level == "critical"
    assert shown.title == "Error rate 2.1%, and nobody has acknowledged"
    assert shown.text == (
        "Since 15:00, 12 min. 1 other alert waits. 312 of 14,800 requests failed in the last hour (2.1%); 286 errors."
    )
    assert shown.alert == ALERT


def test_an_acknowledged_alert_is_calm_and_says_who_has_it() -> None:
    shown = hero(replace(ALERT, state="acknowledged", acknowledged_by="Priya Nair"))
    assert (shown.level, shown.title) == ("info", "Error rate 2.1%: Priya Nair has it")


def test_an_alert_below_critical_warns() -> None:
    assert hero(replace(ALERT, severity="error")).level == "warning"


def test_quiet_says_since_when() -> None:
    assert hero(last_resolved_at=NOW - timedelta(hours=4)).title == "All quiet since 11:12"
    assert hero(last_resolved_at=NOW - timedelta(days=2)).title == "All quiet since 21 Nov 15:12"
    assert hero().title == "All quiet. No alert has fired yet"


def test_without_requests_no_rate_is_claimed() -> None:
    silent = Measures(Totals(), Totals(), events=3, users=None, p95_seconds=None)
    assert hero(measures=silent).text == "3 errors and no request in the last hour."


def test_what_came_shortly_before_is_named_because_it_may_be_why() -> None:
    began = int(ALERT.starts_at.timestamp())
    markers = [
        Marker(began - 3 * 3600, "1.9", "1.9 first seen"),
        Marker(began - 600, "2.0.0", "2.0.0 first seen"),
        Marker(began - 180, "2.0.1", "trading-api@2.0.1 first seen"),
        Marker(began + 60, "2.0.2", "2.0.2 first seen"),
    ]
    assert hero(ALERT, markers=markers).text.startswith(
        "Since 15:00, 12 min, 3 min after trading-api@2.0.1 first seen. 312"
    )
    assert "after" not in hero(ALERT, markers=markers[:1]).text


def test_sessions_are_called_sessions() -> None:
    assert "312 of 14,800 sessions failed" in hero(measures=replace(MEASURES, unit="session")).text
