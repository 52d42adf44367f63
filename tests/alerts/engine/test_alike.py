"""What a page says that a group would say, read of alerts in one standing together: the same as of each alone."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.choices import AlertSeverity, AlertState
from alerts.engine import alike
from alerts.engine.alike import members_alike
from alerts.engine.looking import see
from alerts.engine.plans import read_plan
from alerts.engine.surroundings import read_surroundings
from alerts.explaining import explain
from alerts.grouping import Group, Timing, decide
from alerts.models import Alert, AlertGroup, GroupMember, Silence
from alerts.services.opening import open_many
from tests.alerts.builders import NOW, make_alert, make_trigger
from tests.alerts.engine.builders import at, group
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def crowd() -> AlertGroup:
    """A group of 60, none of them told yet."""
    project_id = make_project().pk
    open_many([make_trigger(project_id=project_id, dedup_key=f"order:{n:02}") for n in range(60)], now=NOW)
    at(1)
    return group()


def scatter(crowd: AlertGroup, dice: random.Random) -> None:
    """Put each of the group's alerts into a standing of its own choice."""
    for row in crowd.members.select_related("alert"):
        state = dice.choice([*AlertState.values, AlertState.FIRING])
        snoozed = dice.choice([None, None, NOW + 7 * MINUTE])
        told = dice.choice([None, 1])
        Alert.objects.filter(pk=row.alert_id).update(
            state=state, severity=dice.choice(AlertSeverity.values), snoozed_until=snoozed,
            snoozed_by="Rosa" if snoozed else "", starts_at=NOW - dice.randrange(300) * MINUTE / 60,
        )  # fmt: skip
        GroupMember.objects.filter(pk=row.pk).update(
            told_sequence=told,
            told_severity=dice.choice(["", *AlertSeverity.values]) if told else "",
            end_sequence=dice.choice([None, 2]) if told and state == AlertState.RESOLVED else None,
            released_by=dice.choice(["", "", "Silenced by Ann."]),
            joined_at=NOW - dice.randrange(120) * MINUTE / 60,
        )


def moments() -> Iterator[tuple[datetime | None, datetime | None, datetime]]:
    """Return (looked at, told at, now)."""
    yield None, None, NOW
    yield NOW - MINUTE, None, NOW
    yield NOW - MINUTE, NOW - MINUTE, NOW + 10 * MINUTE
    yield NOW - MINUTE, NOW - MINUTE, NOW + timedelta(hours=5)


@pytest.mark.parametrize("seed", range(12))
def test_the_decision_is_the_same_in_every_word(crowd: AlertGroup, seed: int) -> None:
    scatter(crowd, random.Random(seed))
    plan = read_plan(crowd.plan)
    for looked_at, told_at, now in moments():
        around = read_surroundings(now)
        each = [one.member for one in see(crowd, plan, around)]
        together = members_alike(crowd, plan, around)
        assert sum(member.stands_for for member in together) == len(each)
        said, meant = (
            decide(Group(members=members, looked_at=looked_at, told_at=told_at), Timing(), now=now)
            for members in (together, each)
        )
        assert (type(said), said.reason) == (type(meant), meant.reason)
        assert getattr(said, "until", None) == getattr(meant, "until", None)


def test_a_group_of_thousands_is_read_in_as_many_rows_as_a_group_of_ten() -> None:
    project_id = make_project().pk
    open_many([make_trigger(project_id=project_id, dedup_key=f"order:{n}") for n in range(2_000)], now=NOW)
    at(1)
    around = read_surroundings(NOW)
    with CaptureQueriesContext(connection) as seen:
        [member] = members_alike(group(), read_plan(group().plan), around)
    assert member.stands_for == 2_000
    assert len(seen) <= 3
    explained = explain(Alert.objects.latest("id"), now=NOW + MINUTE)
    assert (
        explained.sentence == "At the next look: First message of the group, 30 s after the first alert: 2,000 alerts."
    )


def test_silences_are_asked_of_each_alert_of_a_small_group_and_as_noted_of_a_large_one(
    crowd: AlertGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    Silence.objects.create(
        matchers='alert=~"order:[0-4].*"', comment="venue is down", created_by="Rosa",
        starts_at=NOW - MINUTE, ends_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    plan, around = read_plan(crowd.plan), read_surroundings(NOW)
    held = [member for member in members_alike(crowd, plan, around) if member.held_by]
    assert len(held) == 50  # each alone
    monkeypatch.setattr(alike, "FEW", 59)
    assert [member.stands_for for member in members_alike(crowd, plan, around)] == [60]  # no look noted it yet
    at(40)
    noted = {bool(m.held_by): m.stands_for for m in members_alike(group(), plan, read_surroundings(NOW))}
    assert noted == {True: 50, False: 10}


def test_a_group_without_anything_left_is_closed_by_its_next_look(crowd: AlertGroup) -> None:
    Alert.objects.update(state=AlertState.RESOLVED)
    assert members_alike(crowd, read_plan(crowd.plan), read_surroundings(NOW)) == []
    explained = explain(make_alert(dedup_key="another"), now=NOW)
    assert explained.sentence == "It is on its way through the routes."
