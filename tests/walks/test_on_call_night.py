"""From a schedule made in the admin to the mails of a night: paged, not answered, escalated, acknowledged, ended."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.delivery import deliver_due
from alerts.engine.turning import turn
from alerts.models import Alert, EscalationPolicy, EscalationStep, Override, Rotation, Route, Schedule
from tests.alerts.builders import texts
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def inline(prefix: str, *rows: dict[str, object]) -> dict[str, object]:
    form: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return form | {f"{prefix}-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}


def post(client: Client, path: str, form: dict[str, object]) -> None:
    answer = client.post(path, form)
    assert answer.status_code == 302, answer.context["errors"]


def test_a_night(client: Client, settings) -> None:
    settings.ALERT_MAIL_TO = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    project = make_project()
    jonas = make_user("jonas", role=Role.RESPONDER, email="jonas@example.com")
    priya = make_user("priya", role=Role.RESPONDER, email="priya@example.com")
    lead = make_user("lead", role=Role.RESPONDER, email="lead@example.com")
    client.force_login(make_user("chief", is_superuser=True))

    yesterday = timezone.now().date() - timedelta(days=1)
    layer = {
        "position": 1,
        "name": "Always",
        "kind": "daily",
        "every": 1,
        "starts_on": yesterday,
        "handoff_time": "00:00",
    }
    schedule_form = {"name": "Order path", "zone": "UTC", "calendar": "", "project": ""}
    layers = inline("rotations", {**layer, "restrictions": "[]"})
    post(client, reverse("admin:alerts_schedule_add"), schedule_form | layers | inline("overrides"))
    schedule, rotation = Schedule.objects.get(), Rotation.objects.get()
    people = inline("members", {"position": 0, "user": priya.pk}, {"position": 1, "user": jonas.pk})
    change = {**layer, "schedule": schedule.pk, "restrictions": "[]"}
    post(client, reverse("admin:alerts_rotation_change", args=[rotation.pk]), change | people)

    steps = inline("steps", {"position": 0, "wait_seconds": 0}, {"position": 1, "wait_seconds": 600})
    post(client, reverse("admin:alerts_escalationpolicy_add"), {"name": "Desk", "project": "", "repeats": 0} | steps)
    policy = EscalationPolicy.objects.get()
    first, second = EscalationStep.objects.order_by("position")
    for step, target in (
        (first, {"kind": "schedule", "schedule": schedule.pk}),
        (second, {"kind": "user", "user": lead.pk}),
    ):
        form = {"policy": policy.pk, "position": step.position, "wait_seconds": step.wait_seconds}
        post(client, reverse("admin:alerts_escalationstep_change", args=[step.pk]), form | inline("targets", target))
    Route.objects.filter(parent=None).update(policy=policy, mails_members=False, group_wait_seconds=0)

    on_call = client.get("/alerts/oncall").json()["results"][0]["user"]["username"]
    assert on_call == "jonas"  # the second day of the rotation
    body = {
        "title": "Feed lags",
        "severity": "critical",
        "category": "system",
        "source": "probe",
        "project": project.slug,
    }
    opened = client.post("/alerts", body, content_type="application/json", headers=bearer("alerts:write"))
    alert = Alert.objects.get(pk=opened.json()["id"])
    now = timezone.now()

    def live(moment) -> list[str]:
        mail.outbox.clear()
        turn(moment)
        turn(moment)
        deliver_due(moment)
        return sorted(address for sent in mail.outbox for address in sent.to)

    assert live(now) == ["jonas@example.com"]
    assert "You are on call for Order path." in mail.outbox[0].body
    page = client.get("/oncall").content.decode()
    assert f"ALERT-{alert.pk}</a> has paged 1 receiver in" in page and "Step 2 at" in page
    assert live(now + 9 * MINUTE) == []
    Override.objects.create(schedule=schedule, start_at=now, end_at=now + timedelta(days=1), user=priya)
    assert live(now + 11 * MINUTE) == ["lead@example.com"]
    assert any("Step 2 of Desk" in text for entry in [alert, alert.memberships.get().group] for text in texts(entry))

    client.force_login(lead)
    assert client.post(f"/alerts/{alert.pk}/resolve", {}, content_type="application/json").status_code == 200
    assert live(now + 17 * MINUTE) == ["jonas@example.com", "lead@example.com"]
