"""Schedules, policies, contact rules and market days in the admin."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from alerts.models import (
    ContactRule,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    Override,
    Rotation,
    RotationMember,
    Schedule,
)
from tests.alerts.oncall.builders import make_schedule
from tests.calendars.builders import thanksgiving_week
from tests.projects.builders import make_project, make_user
from tradewatch.calendars.models import MarketDay
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services.members import match_groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara() -> User:
    user = make_user("mara", role=Role.MANAGER)
    match_groups(user)
    return user


@pytest.fixture
def client(mara: User) -> Client:
    client = Client()
    client.force_login(mara)
    return client


def blank(*prefixes: str) -> dict[str, str]:
    return {f"{p}-{name}": "0" for p in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


def schedule_form(project_id: int, **fields: str) -> dict[str, str]:
    values = {"name": "Nights", "project": str(project_id), "zone": "Europe/London", "calendar": "XLON"}
    return {**values, **blank("rotations", "overrides"), **fields}


def rotation_form(**fields: str) -> dict[str, str]:
    values = {
        "position": "1",
        "name": "Weekdays",
        "kind": "daily",
        "every": "1",
        "shift_minutes": "",
        "starts_on": "2026-11-23",
        "handoff_time": "09:00",
        "restrictions": "[]",
    }
    return {f"rotations-0-{name}": value for name, value in {**values, **fields}.items()} | {
        "rotations-TOTAL_FORMS": "1"
    }


def test_a_schedule_is_made_with_its_layers_and_previewed(client: Client, mara: User) -> None:
    project = make_project()
    answer = client.post(reverse("admin:alerts_schedule_add"), schedule_form(project.pk) | rotation_form())
    assert answer.status_code == 302, answer.context["errors"]
    rotation = Rotation.objects.get(schedule__name="Nights")
    RotationMember.objects.create(rotation=rotation, user=mara)
    page = client.get(reverse("admin:alerts_schedule_change", args=[rotation.schedule_id])).content.decode()
    assert "mara (Weekdays)" in page and rotation.schedule.get_absolute_url() in page
    assert "mara (Weekdays)" in client.get(reverse("admin:alerts_rotation_change", args=[rotation.pk])).content.decode()
    assert AuditEntry.objects.filter(action="rule.create", object_type="alerts.schedule").exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"zone": "Mars/Base"}, "unknown time zone &#x27;Mars/Base&#x27;"),
        (rotation_form(restrictions='[{"times": ["9-17"]}]'), "window 1: times: &#x27;9-17&#x27;"),
        (rotation_form(kind="custom"), "needed with a custom length"),
    ],
)
def test_what_cannot_be_is_refused_with_place_and_reason(client: Client, fields: dict[str, str], says: str) -> None:
    answer = client.post(reverse("admin:alerts_schedule_add"), schedule_form(make_project().pk) | fields)
    assert answer.status_code == 200 and says in answer.content.decode()
    assert not Schedule.objects.exists()


def test_a_manager_changes_their_own_projects_schedules_only(client: Client) -> None:
    for schedule in (make_schedule(name="All"), make_schedule(name="Theirs", project=make_project("theirs"))):
        rotation = schedule.rotations.get()
        for url in (
            reverse("admin:alerts_schedule_change", args=[schedule.pk]),
            reverse("admin:alerts_rotation_change", args=[rotation.pk]),
        ):
            assert client.post(url, schedule_form(make_project().pk)).status_code in (302, 403)
        assert client.post(
            reverse("admin:alerts_rotation_delete", args=[rotation.pk]), {"post": "yes"}
        ).status_code in (302, 403)
    assert set(Schedule.objects.values_list("name", flat=True)) == {"All", "Theirs"} and Rotation.objects.count() == 2


def test_a_responder_looks_and_changes_nothing_but_their_own_contact_rules(client: Client) -> None:
    jonas = make_user("jonas", role=Role.RESPONDER)
    match_groups(jonas)
    client.force_login(jonas)
    schedule = make_schedule(project=make_project())
    assert client.get(reverse("admin:alerts_schedule_change", args=[schedule.pk])).status_code == 200
    assert client.post(reverse("admin:alerts_schedule_change", args=[schedule.pk]), {}).status_code == 403
    mine, theirs = ContactRule.objects.create(user=jonas), ContactRule.objects.create(user=make_user("dana"))
    assert client.get(reverse("admin:alerts_contactrule_change", args=[mine.pk])).status_code == 200
    assert client.get(reverse("admin:alerts_contactrule_change", args=[theirs.pk])).status_code == 302
    form = {"user": str(theirs.user_id), "severity": "", "method": "email", "delay_seconds": "0"}
    assert client.post(reverse("admin:alerts_contactrule_add"), form).status_code == 200  # not among the choices
    assert ContactRule.objects.count() == 2


def test_an_override_made_in_the_admin_names_who_made_it(client: Client, mara: User) -> None:
    schedule = make_schedule(mara, project=make_project())
    form = {
        "schedule": str(schedule.pk),
        "user": str(mara.pk),
        "instead_of": "",
        "reason": "",
        "start_at_0": "2036-12-02",
        "start_at_1": "18:00",
        "end_at_0": "2036-12-02",
        "end_at_1": "23:00",
    }
    assert client.post(reverse("admin:alerts_override_add"), form).status_code == 302
    assert Override.objects.get().created_by == "mara"
    backwards = client.post(reverse("admin:alerts_override_add"), form | {"end_at_1": "17:00"})
    assert "must come after its start" in backwards.content.decode()


def test_a_policy_reads_as_sentences(client: Client, mara: User) -> None:
    policy = EscalationPolicy.objects.create(name="Trading", project=make_project())
    first = EscalationStep.objects.create(policy=policy, position=1)
    EscalationStep.objects.create(policy=policy, position=2, wait_seconds=600)
    EscalationTarget.objects.create(step=first, kind="user", user=mara)
    page = client.get(reverse("admin:alerts_escalationpolicy_change", args=[policy.pk])).content.decode()
    assert "1. at once: mara" in page and "2. after 10 min: nobody: it only waits" in page
    form = {"policy": policy.pk, "position": "1", "wait_seconds": "0", **blank("targets"), "targets-TOTAL_FORMS": "1"}
    form |= {"targets-0-kind": "user", "targets-0-user": "", "targets-0-schedule": ""}
    refused = client.post(reverse("admin:alerts_escalationstep_add"), form)
    assert refused.status_code == 200 and "choose one" in refused.content.decode()
    assert client.get(reverse("admin:alerts_escalationstep_changelist")).status_code == 200


def test_a_market_day_saved_by_a_person_is_written_by_hand(client: Client) -> None:
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    calendar = thanksgiving_week()
    day = MarketDay.objects.get(day=date(2026, 11, 24))
    form = {
        "calendar": calendar.pk,
        "day": "2026-11-24",
        "name": "power cut",
        "opens_at_0": "2026-11-24",
        "opens_at_1": "14:30",
        "closes_at_0": "2026-11-24",
        "closes_at_1": "17:00",
    }
    url = reverse("admin:calendars_marketday_change", args=[day.pk])
    assert client.post(url, form).status_code == 302
    day.refresh_from_db()
    assert day.is_edited and day.closes_at and day.closes_at.hour == 17
    refused = client.post(url, form | {"closes_at_1": "14:00"})
    assert "must come after the open" in refused.content.decode()
    listed = client.get(reverse("admin:calendars_marketcalendar_changelist")).content.decode()
    assert "never ends" in listed and "not loaded yet" in listed
    assert AuditEntry.objects.filter(action="calendar.change").count() == 1
