"""Which open alerts are read for an inhibition: all that may be its sources, and as few others as can be."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.engine.sources import sources_of
from alerts.engine.surroundings import read_surroundings
from alerts.matchers import all_match, parse_matchers
from alerts.models import Alert, Inhibition
from alerts.services.opening import open_many
from alerts.suppression import Inhibitor
from tests.alerts.builders import NOW, make_alert, make_trigger
from tests.alerts.engine.builders import at, said
from tests.projects.builders import make_project
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def street() -> dict[str, Alert]:
    """Open alerts that differ in everything that labels are made of."""
    desk = Team.objects.create(name="Desk", slug="desk")
    other = make_project("other")
    alerts = {
        "venue": make_alert(dedup_key="venue", source="venue", tags={"venue": "lmax", "region": "eu", "tier": "1"}),
        "xtx": make_alert(dedup_key="xtx", source="venue", severity="critical", tags={"venue": "xtx"}),
        "disk": make_alert(
            dedup_key="disk", category="security", environment="production", tags={"a.b": "c", "0": "x"}
        ),
        "theirs": make_alert(dedup_key="theirs", project_id=other.pk, tags={"venue": "lmax", "severity": "page"}),
        "quoted": make_alert(dedup_key="quoted", tags={"venue": 'l"max', "señal": "ü", "tag_source": "odd"}),
    }
    Alert.objects.filter(dedup_key="disk").update(team=desk)
    Alert.objects.filter(pk=make_alert(dedup_key="over", tags={"venue": "lmax"}).pk).update(state="resolved")
    return alerts


@pytest.mark.parametrize(
    ("source", "project", "read"),
    [
        ("venue=lmax", "", ["theirs", "venue"]),
        ("venue=lmax", "other", ["theirs"]),
        ("venue=lmax, region=eu", "", ["venue"]),
        ('venue="l\\"max"', "", ["quoted"]),
        ("venue=nowhere", "", []),
        ("source=venue", "", ["venue", "xtx"]),
        ("source=venue, severity=critical", "", ["xtx"]),
        ("category=security", "", ["disk"]),
        ("environment=production", "", ["disk"]),
        ("team=desk", "", ["disk"]),
        ("project=other", "", ["theirs"]),
        ("alert=xtx", "", ["xtx"]),
        ("venue=~lmax", "", ["disk", "quoted", "theirs", "venue", "xtx"]),
        ("venue!=lmax", "", ["disk", "quoted", "theirs", "venue", "xtx"]),
        ('venue=""', "", ["disk", "quoted", "theirs", "venue", "xtx"]),
        ('team=""', "", ["disk", "quoted", "theirs", "venue", "xtx"]),
        ("tier=1", "", ["venue"]),
    ],
)
def test_the_database_leaves_out_what_an_equal_sign_does(
    street: dict[str, Alert], source: str, project: str, read: list[str]
) -> None:
    inhibitor = Inhibitor("rule", parse_matchers(source), (), (), project)
    names = {alert.pk: name for name, alert in street.items()}
    assert sorted(names[one.id] for one in sources_of(inhibitor)) == read


@pytest.mark.parametrize(
    "source",
    ["0=x", '"a.b"=c', "señal=ü", "tag_severity=page", "tag_source=odd", "severity=page", "tier=1, venue=~l.+", "a=b"],
)
def test_no_source_is_left_out_whatever_its_name(street: dict[str, Alert], source: str) -> None:
    matchers = parse_matchers(source)
    rows = Alert.objects.exclude(state="resolved").select_related("project", "team", "rule")
    meant = {alert.pk for alert in rows if all_match(matchers, alert.labels)}
    read = sources_of(Inhibitor("rule", matchers, (), ()))
    assert {one.id for one in read if all_match(matchers, one.labels)} == meant


def test_sources_are_not_read_while_nothing_is_aimed_at() -> None:
    Inhibition.objects.create(name="Bad", source="severity=critical", target="severity=info", equal=["venue"])
    project_id = make_project().pk
    open_many(
        [make_trigger(project_id=project_id, dedup_key=f"order:{n}", severity="critical") for n in range(50)], now=NOW
    )
    mild = make_alert(dedup_key="mild", severity="info")
    alert = Alert.objects.select_related("project", "team", "rule").latest("starts_at", "-id")
    around = read_surroundings(NOW)
    with CaptureQueriesContext(connection) as seen:
        assert around.suppressions_of(alert) == []
    assert len(seen) == 0
    with CaptureQueriesContext(connection) as seen:
        for _ in range(3):
            [held] = around.suppressions_of(mild)
    assert "Inhibited by Bad" in held.reason
    assert sum("alerts_alert" in query["sql"] for query in seen) == 1


def test_a_storm_is_told_and_what_it_inhibits_is_not() -> None:
    Inhibition.objects.create(name="Venue", source="source=venue", target="source=cron", equal=["venue"])
    project_id = make_project().pk
    tags = [{"venue": f"venue{n % 3}"} for n in range(300)]
    open_many(
        [make_trigger(project_id=project_id, dedup_key=f"order:{n:03}", tags=tags[n]) for n in range(300)], now=NOW
    )
    make_alert(dedup_key="down", source="venue", severity="critical", category="business", tags={"venue": "venue1"})
    at(30)
    assert len(said()) == 2
    assert Alert.objects.filter(memberships__held_by__startswith="Inhibited by Venue").count() == 100
