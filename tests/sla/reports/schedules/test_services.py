from datetime import time
from typing import Any

import pytest
from django.core import mail

from sla.models import ReportMailing, ReportSchedule
from sla.reports.schedules.sending import send_due
from sla.reports.schedules.services import delete_schedule, faults_in, save_schedule, send_now
from tests.calendars.builders import make_market
from tests.projects.builders import make_project, make_user
from tests.sla.reports.rows import make_target
from tests.sla.reports.test_document import MINUTE, at
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.dashboard.scope import user_actor
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
NOW = at("2026-11-26T12:00")


def draft(**fields: Any) -> ReportSchedule:
    values = {"project": make_project(), "name": "Desk", "cadence": "weekly", "at": time(7), "formats": ["pdf"]}
    return ReportSchedule(**values | fields)


def save(schedule: ReportSchedule, people: Any = (), actor: Actor = SYSTEM) -> ReportSchedule:
    save_schedule(actor, schedule, people, changes={"name": ["", schedule.name]}, now=NOW)
    return schedule


def test_saving_sets_when_it_is_due() -> None:
    schedule = save(draft())
    assert schedule.next_due_at == at("2026-11-30T07:00")
    schedule.is_enabled = False
    assert save(schedule).next_due_at is None
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "sla_schedule.create",
        "sla_schedule.change",
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"cadence": "market_close"}, "market"),
        ({"cadence": "market_close", "market": "XXXX"}, "market"),
        ({"cadence": "market_close", "market": "24/7"}, "market"),
        ({"formats": ["xlsx"]}, "formats"),
        ({"addresses": ["desk at bank"]}, "addresses"),
        ({"addresses": ["a@b.example\nBcc: c@d.example"]}, "addresses"),
        ({"addresses": [f"a{number}@b.example" for number in range(51)]}, "addresses"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(fields: dict[str, Any], field: str) -> None:
    make_market("24/7", is_always_open=True)
    with pytest.raises(Invalid) as refused:
        save(draft(**fields))
    assert refused.value.errors.keys() == {field}


def test_people_without_access_are_refused() -> None:
    stranger = make_user("eve", role=Role.VIEWER, project=make_project("other"))
    assert faults_in(draft(), [stranger]).keys() == {"people"}
    assert not faults_in(draft(), [make_user("mara", role=Role.VIEWER)])


def test_it_takes_a_manager_of_the_old_and_the_new_project() -> None:
    responder = user_actor(make_user("rob", role=Role.RESPONDER))
    manager = user_actor(make_user("mia", role=Role.MANAGER))
    with pytest.raises(NotAllowed):
        save(draft(), actor=responder)
    theirs = save(draft(project=make_project("theirs")))
    theirs.project = make_project()
    with pytest.raises(NotAllowed):
        save(theirs, actor=manager)
    for refused in (lambda: delete_schedule(responder, theirs), lambda: send_now(responder, theirs, now=NOW)):
        with pytest.raises(NotAllowed):
            refused()


def test_sent_by_hand_it_is_the_last_period_and_the_clock_goes_on() -> None:
    make_target()
    schedule = save(draft(addresses=["desk@bank.example"], formats=[]))
    mia = user_actor(make_user("mia", role=Role.MANAGER))
    mailing = send_now(mia, schedule, now=NOW)
    assert mailing.period == "2026-W47"
    with pytest.raises(Conflict):
        send_now(mia, schedule, now=NOW + MINUTE)
    assert send_due(NOW + MINUTE) == 1
    (sent,) = mail.outbox
    assert "mia sent it from the schedule" in sent.body and "was due" not in sent.body
    schedule.refresh_from_db()
    assert schedule.next_due_at == at("2026-11-30T07:00") and ReportMailing.objects.get().asked_by == "mia"
