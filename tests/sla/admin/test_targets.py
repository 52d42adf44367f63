"""Targets and corrections in the admin, by role, through the client."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sla.models import Correction, Target, TargetVersion
from sla.queries import version_in_force, versions_of
from sla.services.targets import archive_target, update_target
from tests.projects.builders import make_project, make_user
from tests.sla.promises import make_correction, make_target
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
LIST, CORRECTIONS = "/admin/sla/target/", "/admin/sla/correction/"


def member(client: Client, role: Role, name: str = "mia") -> None:
    user = make_user(name)
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)


def form(**fields: Any) -> dict[str, Any]:
    values = {
        "project": make_project().pk,
        "metric_name": "orders",
        "title": "Orders",
        "indicator": "availability",
        "target_value": "0.995",
        "warning_threshold": "0.98",
        "critical_threshold": "0.95",
        "window": "rolling",
        "window_days": "30",
        "window_unit": "month",
        "zone": "UTC",
        "least_events": "0",
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
    }
    return {**values, **fields}


def page_of(target: Target) -> str:
    return f"{LIST}{target.pk}/change/"


def faults(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


def test_the_list_shows_the_four_and_what_they_promise(client: Client) -> None:
    make_project()
    member(client, Role.VIEWER)
    page = client.get(LIST).content.decode()
    for text in ("availability", "response_time", "≥ 99.9%, last 30 days", "p95 ≤ 0.5 s, last 30 days"):
        assert text in page
    assert client.get(f"{LIST}?indicator=uptime").content.decode().count("field-metric_name") == 1


def test_a_manager_creates_a_target(client: Client) -> None:
    member(client, Role.MANAGER)
    assert client.post(f"{LIST}add/", form(reason="desk asked")).status_code == 302
    version = version_in_force(Target.objects.get(metric_name="orders"), timezone.now())
    assert (version.target_value, version.actor, version.reason) == (Decimal("0.995"), "mia", "desk asked")
    assert AuditEntry.objects.filter(action="target.create", actor_label="mia").count() == 1


def test_saving_other_values_is_a_version_that_needs_a_reason(client: Client) -> None:
    target = make_target()
    member(client, Role.MANAGER)
    assert list(faults(client.post(page_of(target), form(seen=1)))) == ["reason"]
    assert client.post(page_of(target), form(seen=1, reason="better venue")).status_code == 302
    versions = list(versions_of(target))
    assert [(each.number, each.actor, each.reason) for each in versions] == [
        (2, "mia", "better venue"),
        (1, "TradeWatch", ""),
    ]
    target.refresh_from_db()
    assert target.title == "Orders"
    page = client.get(page_of(target)).content.decode()
    assert "better venue" in page and "≥ 99.5%, last 30 days" in page  # the history stands below


def test_saving_the_same_values_makes_no_version_and_needs_no_reason(client: Client) -> None:
    target = make_target()
    member(client, Role.MANAGER)
    assert client.post(page_of(target), form(seen=1, target_value="0.990")).status_code == 302
    assert versions_of(target).count() == 1


def test_who_edits_what_another_changed_meanwhile_is_told(client: Client) -> None:
    target = make_target()
    member(client, Role.MANAGER)
    update_target(SYSTEM, target, {"target_value": Decimal("0.991")}, now=timezone.now())
    answer = client.post(page_of(target), form(seen=1, reason="x"))
    assert "Version 2 by TradeWatch came while you edited" in str(faults(answer))
    assert versions_of(target).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"warning_threshold": "0.999"}, "warning_threshold"),
        ({"window": "market"}, "market"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"definition": "{"}, "definition"),
        ({"definition": '{"colour": "red"}'}, "definition"),
        ({"slice_seconds": "300"}, "slice_target"),
        ({"excluded_times": "noon"}, "excluded_times"),
        ({"target_value": "1.2"}, "target_value"),
    ],
)
def test_each_fault_stands_at_its_field(client: Client, wrong: dict[str, Any], field: str) -> None:
    target = make_target()
    member(client, Role.MANAGER)
    assert list(faults(client.post(page_of(target), form(seen=1, reason="x", **wrong)))) == [field]
    assert versions_of(target).count() == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_less_than_a_manager_reads_and_changes_nothing(client: Client, role: Role) -> None:
    target, correction = make_target(), make_correction()
    member(client, role)
    for path in (LIST, page_of(target), CORRECTIONS, f"{CORRECTIONS}{correction.pk}/change/"):
        assert client.get(path).status_code == 200, path
    assert client.get(f"{LIST}{target.pk}/what-if/").status_code == 200
    assert client.post(page_of(target), form(seen=1, reason="x")).status_code == 403
    assert client.post(f"{LIST}add/", form(metric_name="b")).status_code == 403
    assert client.post(f"{CORRECTIONS}add/", {}).status_code == 403
    client.post(LIST, {"action": "archive", "_selected_action": target.pk, "apply": "1"})
    client.post(CORRECTIONS, {"action": "withdraw", "_selected_action": correction.pk})
    assert TargetVersion.objects.filter(target=target).count() == 1
    assert not Target.objects.exclude(archived_at=None).exists()
    assert not Correction.objects.exclude(withdrawn_at=None).exists()


def test_other_projects_are_not_seen(client: Client) -> None:
    theirs = make_target("theirs", project=make_project("other"))
    correction = make_correction(make_project("other"))
    member(client, Role.MANAGER)
    assert "theirs" not in client.get(LIST).content.decode()
    for path in (page_of(theirs), f"{LIST}{theirs.pk}/what-if/", f"{CORRECTIONS}{correction.pk}/change/"):
        assert client.get(path).status_code in (302, 403, 404), path


def test_targets_are_archived_in_bulk_with_a_reason_and_restored(client: Client) -> None:
    targets = [make_target(name) for name in ("a", "b")]
    member(client, Role.MANAGER)
    body = {"action": "archive", "_selected_action": [target.pk for target in targets]}
    asked = client.post(LIST, body)
    assert asked.status_code == 200 and 'name="reason"' in asked.content.decode()
    assert Target.objects.filter(metric_name__in="ab", archived_at=None).count() == 2
    client.post(LIST, {**body, "apply": "1", "reason": "desk closed"})
    assert Target.objects.filter(metric_name__in="ab", archived_at=None).count() == 0
    assert AuditEntry.objects.filter(action="target.archive", changes__reason=["", "desk closed"]).count() == 2
    client.post(f"{LIST}?standing=archived", {"action": "restore", "_selected_action": [each.pk for each in targets]})
    assert Target.objects.filter(metric_name__in="ab", archived_at=None).count() == 2


def test_an_archived_target_is_read_only_and_listed_apart(client: Client) -> None:
    target = make_target()
    archive_target(SYSTEM, target, now=timezone.now())
    member(client, Role.MANAGER)
    assert "orders" not in client.get(LIST).content.decode()
    assert "orders" in client.get(f"{LIST}?standing=archived").content.decode()
    assert client.post(page_of(target), form(seen=1, reason="x")).status_code == 403


def test_a_superuser_opens_and_saves_what_a_manager_may(client: Client) -> None:
    target = make_target()
    client.force_login(make_user("root", is_superuser=True))
    for path in (page_of(target), f"{LIST}add/", f"{CORRECTIONS}add/", f"{LIST}{target.pk}/what-if/"):
        assert client.get(path).status_code == 200, path
    assert 'value="0.99"' in client.get(page_of(target)).content.decode()  # not 0.990000000
    assert client.post(page_of(target), form(seen=1, reason="root may")).status_code == 302
    assert versions_of(target).count() == 2


def test_nothing_of_it_is_deleted(client: Client) -> None:
    target, correction = make_target(), make_correction()
    client.force_login(make_user("root", is_superuser=True))
    for path in (f"{LIST}{target.pk}/delete/", f"{CORRECTIONS}{correction.pk}/delete/"):
        assert client.post(path, {"post": "yes"}).status_code == 403


def test_a_correction_is_added_read_and_withdrawn(client: Client) -> None:
    target = make_target()
    member(client, Role.MANAGER)
    body = {
        "project": target.project_id,
        "target": target.pk,
        "kind": "maintenance",
        "starts_at_0": "2026-11-20",
        "starts_at_1": "10:00",
        "ends_at_0": "2026-11-20",
        "ends_at_1": "11:00",
        "reason": "database moved",
    }
    wrong = client.post(f"{CORRECTIONS}add/", {**body, "ends_at_1": "09:00"})
    assert list(faults(wrong)) == ["ends_at"]
    assert client.post(f"{CORRECTIONS}add/", body).status_code == 302
    row = Correction.objects.get()
    assert (row.actor, row.target, row.reason) == ("mia", target, "database moved")
    client.post(f"{CORRECTIONS}{row.pk}/change/", {**body, "reason": "another"})
    row.refresh_from_db()
    assert row.reason == "database moved"
    client.post(CORRECTIONS, {"action": "withdraw", "_selected_action": row.pk})
    row.refresh_from_db()
    assert row.withdrawn_by == "mia"
    actions = list(AuditEntry.objects.filter(action__startswith="correction").values_list("action", flat=True))
    assert sorted(actions) == ["correction.add", "correction.withdraw"]


def test_pages_lead_to_each_other(client: Client) -> None:
    target, row = make_target(), make_correction(target=make_target("b"))
    member(client, Role.MANAGER)
    assert client.get(f"{LIST}{target.pk}/page/")["Location"] == f"/sla/{target.pk}"
    assert client.get(f"{CORRECTIONS}{row.pk}/target/")["Location"] == f"/sla/{row.target_id}"
