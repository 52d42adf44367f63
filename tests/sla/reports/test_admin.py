from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sla.models import ReportMailing, ReportSchedule
from sla.reports.asking import read_asked
from sla.reports.keeping import keep
from tests.projects.builders import make_project, make_user
from tests.sla.reports.rows import make_target
from tests.sla.reports.schedules.test_sending import make_schedule
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
PATH = "/admin/sla/reportschedule/"


def visit(client: Client, role: Role) -> Client:
    user = make_user(role)
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)
    return client


def fields(**more: object) -> dict[str, object]:
    inline = {f"mailings-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    values = {
        "name": "Desk",
        "project": make_project().pk,
        "cadence": "monthly",
        "at": "06:00",
        "zone": "Europe/London",
    }
    return {
        **inline,
        **values,
        "formats": ["pdf"],
        "addresses": "a@b.example\n\nc@d.example",
        "is_enabled": "on",
        **more,
    }


def test_a_manager_writes_a_schedule_with_its_people_and_addresses(client: Client) -> None:
    visit(client, Role.MANAGER)
    mara = make_user("mara", role=Role.VIEWER)
    assert client.get(f"{PATH}add/").status_code == 200
    answer = client.post(f"{PATH}add/", fields(people=[mara.pk]))
    assert answer.status_code == 302, answer.context["errors"]
    schedule = ReportSchedule.objects.get()
    assert (schedule.addresses, schedule.formats) == (["a@b.example", "c@d.example"], ["pdf"])
    assert list(schedule.people.all()) == [mara] and schedule.next_due_at > timezone.now()
    assert "a@b.example\nc@d.example" in client.get(f"{PATH}{schedule.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"zone": "Mars"}, "unknown time zone"),
        ({"cadence": "market_close"}, "name the market"),
        ({"addresses": "nobody"}, "no e-mail address"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client: Client, more: dict[str, object], said: str) -> None:
    page = visit(client, Role.MANAGER).post(f"{PATH}add/", fields(**more))
    assert page.status_code == 200 and said in page.content.decode()
    assert not ReportSchedule.objects.exists()


def test_preview_keeps_nothing_and_send_now_asks_first(client: Client) -> None:
    make_target()
    schedule = make_schedule(next_due_at=timezone.now() + timedelta(days=9))
    visit(client, Role.MANAGER)
    preview = client.get(f"{PATH}{schedule.pk}/preview/").headers["Location"]
    assert preview.startswith("/sla/report?format=html&project=default&period=2")
    assert client.get(preview).status_code == 200
    path = f"{PATH}{schedule.pk}/send/"
    assert "Send the report" in client.get(path).content.decode() and not ReportMailing.objects.exists()
    client.post(path)
    assert ReportMailing.objects.get().asked_by == "manager"
    assert "on its way already" in client.post(path, follow=True).content.decode()


def test_responders_look_and_write_nothing(client: Client) -> None:
    schedule = make_schedule()
    visit(client, Role.RESPONDER)
    assert client.get(f"{PATH}{schedule.pk}/change/").status_code == 200
    assert client.post(f"{PATH}add/", fields()).status_code == 403
    client.post(f"{PATH}{schedule.pk}/send/")
    assert not ReportMailing.objects.exists()
    assert client.post(f"{PATH}{schedule.pk}/delete/", {"post": "yes"}).status_code == 403


def test_kept_reports_and_closed_periods_are_read_only(client: Client) -> None:
    make_target()
    report = keep(SYSTEM, make_project(), read_asked({}), now=timezone.now())
    visit(client, Role.MANAGER)
    page = client.get(f"/admin/sla/report/{report.pk}/change/").content.decode()
    assert report.sha256 in page and 'name="_save"' not in page
    assert client.post(f"/admin/sla/report/{report.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/sla/closedperiod/").status_code == 200
