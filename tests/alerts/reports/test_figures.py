from datetime import UTC, datetime, timedelta

from alerts.replay.nights import Night
from alerts.reports.figures import Page, PastAlert, PersonLoad, RuleNoise, Times, figures_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def alert(rule: str = "Error rate", *, acknowledged: int | None = None, resolved: int | None = None, told: bool = True):
    return PastAlert(
        rule=rule,
        starts_at=NOON,
        acknowledged_at=None if acknowledged is None else NOON + acknowledged * MINUTE,
        resolved_at=None if resolved is None else NOON + resolved * MINUTE,
        was_told=told,
    )


def page(person: str = "Mara", *, hour: int = 12, rule: str = "Error rate") -> Page:
    return Page(person=person, at=NOON.replace(hour=hour), rule=rule)


def figures(alerts=(), pages=()):
    return figures_of(alerts, pages, night=Night())


def test_nothing_is_unknown_not_zero() -> None:
    none = figures()
    assert none.to_acknowledge == none.to_resolve == Times(0, None, None)
    assert (none.alerts, none.pages, list(none.rules), list(none.people)) == (0, 0, [], [])


def test_times_are_of_those_that_somebody_answered_or_that_ended() -> None:
    found = figures(
        [alert(acknowledged=2, resolved=10), alert(acknowledged=4), alert(acknowledged=12, resolved=30), alert()]
    )
    assert found.to_acknowledge == Times(3, 6 * MINUTE, 4 * MINUTE)
    assert found.to_resolve == Times(2, 20 * MINUTE, 20 * MINUTE)
    assert (found.alerts, found.open) == (4, 2)


def test_the_noisiest_rule_comes_first_with_what_nobody_answered() -> None:
    alerts = [
        alert("Latency", resolved=5),
        alert("Latency", resolved=5, acknowledged=1),
        alert("Latency", resolved=5, told=False),
    ]
    found = figures(
        [alert("Error rate"), *alerts], [page(rule="Error rate"), page(rule="Latency"), page(rule="Latency")]
    )
    assert list(found.rules) == [RuleNoise("Latency", 3, 2, 1), RuleNoise("Error rate", 1, 1, 0)]


def test_pages_are_counted_for_each_person_and_nights_apart() -> None:
    found = figures(pages=[page("Mara"), page("Mara", hour=23), page("Tomas", hour=3), page("Mara", hour=6)])
    assert list(found.people) == [PersonLoad("Mara", 3, 2), PersonLoad("Tomas", 1, 1)]
    assert (found.pages, found.night_pages) == (4, 3)
