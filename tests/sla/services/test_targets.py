import threading
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from sla.models import Target, TargetVersion
from sla.queries import newest_versions, targets_of, version_in_force, versions_of
from sla.services.targets import (
    add_version,
    archive_target,
    create_target,
    rename_target,
    restore_target,
    update_target,
)
from tests.projects.builders import make_project, make_token, make_user
from tests.sla.promises import DAY, NOW, SECONDS, a_promise, make_target
from tradewatch.calendars.models import MarketCalendar
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role, Scope

pytestmark = pytest.mark.django_db

D = Decimal


def person(name: str, role: Role) -> Actor:
    user = make_user(name, role=role)
    return Actor(kind="user", id=user.pk, label=user.username)


def test_an_edit_is_a_further_version_that_says_who_when_and_why() -> None:
    target, elena = make_target(), person("elena", Role.MANAGER)
    saved = update_target(elena, target, {"target_value": D("0.995")}, reason=" a better venue ", now=NOW)
    old, new = versions_of(target).reverse()
    assert saved.is_new and saved.version == new
    assert (new.number, new.valid_from, new.actor, new.user_id) == (2, NOW, "elena", elena.id)
    assert (new.reason, new.target_value, new.objective) == ("a better venue", D("0.995"), D("0.995"))
    assert (new.warning_threshold, new.critical_threshold) == (old.warning_threshold, old.critical_threshold)
    assert (old.target_value, old.number) == (D("0.99"), 1)
    assert new.measure == old.measure  # the same is counted


@pytest.mark.parametrize("values", [{}, {"target_value": D("0.990")}, {"window": "rolling", "definition": {}}])
def test_an_update_that_changes_nothing_makes_no_version_and_no_audit(values: dict[str, Any]) -> None:
    target = make_target()
    entries = AuditEntry.objects.count()
    saved = update_target(SYSTEM, target, values, now=NOW)
    assert not saved.is_new and saved.version.number == 1
    assert versions_of(target).count() == 1 and AuditEntry.objects.count() == entries


def test_the_threshold_of_a_response_time_is_what_is_counted() -> None:
    target = make_target("rt", a_promise("percentile", *SECONDS))
    first = version_in_force(target, NOW)
    assert first.definition == {"quantile": 0.95, "threshold_seconds": 0.3}
    assert (first.objective, first.direction) == (D("0.95"), "lower")
    second = update_target(SYSTEM, target, {"target_value": D("0.25")}, now=NOW).version
    assert second.definition["threshold_seconds"] == 0.25 and second.measure != first.measure
    back = update_target(SYSTEM, target, {"target_value": D("0.3")}, now=NOW + DAY).version
    assert back.measure == first.measure and back.number == 3


def test_the_version_in_force_is_the_last_that_began_and_before_all_the_first() -> None:
    target = make_target(now=NOW - 10 * DAY)
    update_target(SYSTEM, target, {"target_value": D("0.995")}, now=NOW - 5 * DAY)
    moments = (NOW - 20 * DAY, NOW - 10 * DAY, NOW - 5 * DAY - DAY / 86400, NOW - 5 * DAY, NOW)
    assert [version_in_force(target, at).number for at in moments] == [1, 1, 1, 2, 2]


def test_a_clock_that_was_set_back_takes_nothing_from_the_later_edit() -> None:
    target = make_target(now=NOW)
    update_target(SYSTEM, target, {"target_value": D("0.995")}, now=NOW - DAY)
    assert version_in_force(target, NOW - DAY / 2).number == version_in_force(target, NOW + DAY).number == 2


def test_newest_versions_of_many_targets_take_one_query(django_assert_num_queries) -> None:
    targets = [make_target(f"t{number}") for number in range(4)]
    update_target(SYSTEM, targets[2], {"target_value": D("0.999")}, now=NOW)
    with django_assert_num_queries(1):
        found = newest_versions(targets)
        assert [found[target.pk].number for target in targets] == [1, 1, 2, 1]
        assert found[targets[0].pk].measure.indicator == "availability"


def test_who_leaves_a_markets_sessions_need_not_name_that_there_is_no_market() -> None:
    MarketCalendar.objects.get_or_create(code="XNYS", defaults={"name": "New York", "zone": "America/New_York"})
    target = make_target(promise=a_promise(window="market", market="XNYS"))
    version = update_target(SYSTEM, target, {"window": "calendar"}, now=NOW).version
    assert (version.window, version.market) == ("calendar", "")


def test_what_can_never_burn_fast_enough_is_said_with_what_was_saved() -> None:
    target = make_target(promise=a_promise(target="0.95", warning="0.94", critical="0.9"))
    saved = update_target(SYSTEM, target, {"target_value": D("0.94")}, now=NOW)
    assert saved.warnings == []
    saved = update_target(SYSTEM, target, {"target_value": D("0.9"), "warning_threshold": D("0.9")}, now=NOW)
    assert len(saved.warnings) == 1 and "can never come" in saved.warnings[0]
    assert update_target(SYSTEM, target, {}, now=NOW).warnings == saved.warnings


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"warning_threshold": D("0.999")}, "warning_threshold"),
        ({"window": "market", "market": "XXXX"}, "market"),
        ({"indicator": "uptime"}, "indicator"),
        ({"color": "red"}, "color"),
        ({"definition": {"color": "red"}}, "definition"),
        ({"target_value": D("1.5")}, "target_value"),
    ],
)
def test_what_may_not_be_promised_changes_nothing(values: dict[str, Any], field: str) -> None:
    target = make_target()
    with pytest.raises(Invalid) as fault:
        update_target(SYSTEM, target, values, now=NOW)
    assert list(fault.value.errors) == [field]
    assert versions_of(target).count() == 1


def test_who_edits_an_older_version_than_the_newest_is_told_so() -> None:
    target = make_target()
    update_target(SYSTEM, target, {"target_value": D("0.995")}, seen_number=1, now=NOW)
    with pytest.raises(Conflict, match="version 2 by TradeWatch came first") as fault:
        update_target(SYSTEM, target, {"target_value": D("0.992")}, seen_number=1, now=NOW)
    assert list(fault.value.errors) == ["version"]
    assert version_in_force(target, NOW).target_value == D("0.995")


@pytest.mark.skipif(not settings.IS_POSTGRES, reason="SQLite's test database in memory has one writer and no waiting")
@pytest.mark.django_db(transaction=True)
def test_two_edits_at_once_are_put_in_order() -> None:
    target, start = make_target(), threading.Barrier(2)
    failures: list[Exception] = []

    def edit(value: str) -> None:
        try:
            start.wait(10)
            update_target(SYSTEM, target, {"target_value": D(value)}, reason=value, now=NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(value,)) for value in ("0.991", "0.992")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    versions = list(versions_of(target).order_by("number"))
    assert [version.number for version in versions] == [1, 2, 3]
    assert {f"{version.target_value.normalize():f}" for version in versions[1:]} == {"0.991", "0.992"}
    assert all(version.reason == f"{version.target_value.normalize():f}" for version in versions[1:])
    entries = AuditEntry.objects.filter(action="target.change").order_by("id")
    told = [entry.changes["target_value"] for entry in entries]
    assert told[0][1] == told[1][0]  # the second one changed what the first had made


def test_a_number_that_another_edit_took_is_a_conflict_and_not_a_second_truth() -> None:
    target = make_target()
    with pytest.raises(Conflict):
        add_version(SYSTEM, target, a_promise(), number=1, reason="", now=NOW)
    assert versions_of(target).get().reason == ""


def test_names_are_taken_once_in_a_project() -> None:
    make_target("orders")
    make_target("orders", project=make_project("other"))
    with pytest.raises(Conflict) as fault:
        make_target("orders")
    assert list(fault.value.errors) == ["metric_name"]


@pytest.mark.parametrize("name", ["", "a b", "x" * 61, "ä", "orders/1"])
def test_a_name_that_stands_in_no_address_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as fault:
        make_target(name)
    assert list(fault.value.errors) == ["metric_name"]
    assert not Target.objects.exists()


def test_an_archived_target_is_in_no_list_takes_no_edit_and_comes_back() -> None:
    target, ids = make_target(), [make_project().pk]
    archive_target(SYSTEM, target, reason="sold", now=NOW)
    assert archive_target(SYSTEM, target, now=NOW + DAY).archived_at == NOW
    assert list(targets_of(ids)) == [] and list(targets_of(ids, archived=True)) == [target]
    with pytest.raises(Conflict):
        update_target(SYSTEM, target, {"target_value": D("0.995")}, now=NOW)
    restore_target(SYSTEM, target)
    assert list(targets_of(ids)) == [target]
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["target.create", "target.archive", "target.restore"]


def test_the_audit_says_what_changed_from_what_to_what() -> None:
    target = make_target()
    update_target(SYSTEM, target, {"target_value": D("0.995"), "environment": "production"}, now=NOW)
    rename_target(SYSTEM, target, title="Orders")
    change, rename = AuditEntry.objects.order_by("id")[1:]
    assert change.changes == {
        "target_value": ["0.99", "0.995"], "environment": ["", "production"], "version": [1, 2],
    }  # fmt: skip
    assert rename.changes == {"title": ["", "Orders"]} and rename.project_id == target.project_id


ACTS = [
    lambda actor, target: update_target(actor, target, {"target_value": D("0.995")}, now=NOW),
    lambda actor, target: archive_target(actor, target, now=NOW),
    lambda actor, target: restore_target(actor, target),
    lambda actor, target: rename_target(actor, target, title="x"),
    lambda actor, target: create_target(actor, target.project, "other", a_promise(), now=NOW),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_manager_and_a_writing_token_may_and_others_may_not(act) -> None:
    target = make_target()
    token, _ = make_token(Scope.SLA_READ)
    for actor in (person("r", Role.RESPONDER), person("v", Role.VIEWER), Actor(kind="token", id=token.pk, label="t")):
        with pytest.raises(NotAllowed):
            act(actor, target)
    assert TargetVersion.objects.count() == 1
    writer, _ = make_token(Scope.SLA_WRITE, projects=[target.project])
    elsewhere, _ = make_token(Scope.SLA_WRITE, projects=[make_project("other")])
    with pytest.raises(NotAllowed):
        act(Actor(kind="token", id=elsewhere.pk, label="e"), target)
    act(Actor(kind="token", id=writer.pk, label="w"), target)
