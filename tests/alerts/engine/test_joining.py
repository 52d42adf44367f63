"""Alerts that come together share a group: one message, and the timeline says why."""

from datetime import timedelta

import pytest

from alerts.choices import AlertCategory, AlertSeverity
from alerts.companions import Pair, replace_companions
from alerts.models import Alert, AlertGroup, Companion, Route
from alerts.services.ending import end_alert
from tests.alerts.builders import NOW, make_alert, story
from tests.alerts.engine.builders import at, root, said
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db
DESK = "desk@example.com"
WHY = "comes together with TRADE-12 (in 38 of 40 minutes, 10 of 10 times, p < 0.0001)."


def pool(**fields: object) -> Alert:
    return make_alert(dedup_key="issue:1", title="PoolError", category=AlertCategory.SYSTEM, **fields)


def orders(**fields: object) -> Alert:
    return make_alert(dedup_key="issue:2", title="OrderError", category=AlertCategory.BUSINESS, **fields)


def know(*, project_id: int | None = None) -> None:
    pairs = [Pair("issue:1", "issue:2", WHY), Pair("issue:2", "issue:1", WHY)]
    replace_companions(project_id or make_project().pk, pairs, now=NOW)


def members() -> list[set[str]]:
    return [set(group.members.values_list("alert__title", flat=True)) for group in AlertGroup.objects.order_by("id")]


def test_unrelated_they_are_two_groups_and_two_messages() -> None:
    pool(), orders()
    at(30)
    assert members() == [{"PoolError"}, {"OrderError"}] and len(said()) == 2


@pytest.mark.parametrize("at_once", [True, False])
def test_what_comes_together_is_one_group_and_one_message(at_once: bool) -> None:
    know()
    pool()
    if not at_once:
        at(5)
    late = orders()
    at(30)
    assert members() == [{"PoolError", "OrderError"}] and said() == [(DESK, 1, "sent")]
    assert any(f"because it {WHY}" in line for line in story(late))
    group = AlertGroup.objects.get()
    assert f"OrderError joins: it {WHY}" in [entry.text for entry in group.timeline.all()]
    assert group.members.get(alert=late).came_with == WHY


def test_who_joined_stays_there_when_it_changes_and_comes_back() -> None:
    know()
    pool()
    first = orders()
    at(30)
    Alert.objects.filter(pk=first.pk).update(severity=AlertSeverity.CRITICAL, is_unrouted=True)
    at(40)
    first.refresh_from_db()
    end_alert(first, ending="Ended", why="It is over.", by="TradeWatch", now=NOW + timedelta(seconds=50))
    orders()
    at(60)
    assert len(members()) == 1 and AlertGroup.objects.get().members.count() == 3


def test_an_open_group_of_its_own_comes_first() -> None:
    orders()
    at(5)
    know()
    make_alert(dedup_key="issue:3", title="Other", category=AlertCategory.SYSTEM)
    pool()
    at(30)
    assert members() == [{"OrderError"}, {"Other", "PoolError"}]


@pytest.mark.parametrize(
    ("fields", "groups"),
    [
        ({"joins_companions": False}, 2),
        ({"group_by": ["alert"]}, 2),  # each alert alone was asked for
        ({"group_by": ["alert"], "joins_companions": True}, 1),
        ({"group_by": ["project", "category"]}, 1),
    ],
)
def test_a_route_says_whether_its_alerts_join(fields: dict[str, object], groups: int) -> None:
    root(**fields)
    know()
    pool(), orders()
    at(30)
    assert len(members()) == groups


def test_another_route_or_project_is_never_joined() -> None:
    know()
    Route.objects.create(parent=root(), name="Orders", matchers="category=business")
    pool(), orders()
    elsewhere = make_project("other")
    orders(project_id=elsewhere.pk), pool(project_id=elsewhere.pk)
    at(30)
    assert sorted(map(sorted, members())) == [["OrderError"], ["OrderError"], ["PoolError"], ["PoolError"]]


def test_pairs_are_replaced_as_a_whole_and_keep_their_beginning() -> None:
    know()
    later = NOW + timedelta(hours=1)
    replace_companions(
        make_project().pk, [Pair("issue:1", "issue:2", "still."), Pair("issue:1", "issue:3", "x.")], now=later
    )
    rows = {(row.dedup_key, row.other_key): (row.why, row.since) for row in Companion.objects.all()}
    assert rows == {("issue:1", "issue:2"): ("still.", NOW), ("issue:1", "issue:3"): ("x.", later)}
