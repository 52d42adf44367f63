"""What people do with schedules: save, delete, send now. Roles are asked here, the audit is written here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from sla.choices import Cadence
from sla.models import ReportMailing, ReportSchedule
from sla.reports.asking import FORMATS
from sla.reports.schedules.clocks import clock_of, next_due_of
from sla.reports.schedules.due import period_at
from tradewatch.calendars.models import MarketCalendar
from tradewatch.calendars.wall_clock import zone_named
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

MOST_ADDRESSES = 50
MOST_SCHEDULES = 50


def faults_in(schedule: ReportSchedule, people: Collection[User] = ()) -> Mapping[str, Sequence[str]]:
    """Return what is wrong, by field."""
    errors = {
        "zone": _zone_faults(schedule),
        "market": _market_faults(schedule),
        "formats": [f"{form} is no format" for form in schedule.formats if form not in FORMATS],
        "addresses": _address_faults(schedule),
        "people": [f"{person} may not see this project" for person in people if not _may_see(person, schedule)],
        "project": _project_faults(schedule),
    }
    return {name: texts for name, texts in errors.items() if texts}


def check(schedule: ReportSchedule, people: Collection[User] = ()) -> None:
    """Raise `Invalid` with what is wrong."""
    if errors := faults_in(schedule, people):
        raise Invalid("bad schedule", errors=errors)


@transaction.atomic
def save_schedule(
    actor: Actor,
    schedule: ReportSchedule,
    people: Collection[User],
    *,
    changes: Mapping[str, Sequence[object]],
    now: datetime,
) -> None:
    """Save a new or changed schedule; it is next due after `now`. Raises `Invalid`, and `NotAllowed` for less than a
    manager: whoever names recipients sends the project's figures out."""
    is_new = schedule.pk is None
    for project_id in {schedule.project_id, *_was_in(schedule)}:
        access.require(actor, project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    check(schedule, people)
    schedule.next_due_at = None
    schedule.next_due_at = next_due_of(schedule, now)
    schedule.save()
    schedule.people.set(people)
    action = f"sla_schedule.{'create' if is_new else 'change'}"
    audit.record(actor, action, schedule, project_id=schedule.project_id, changes=changes)


@transaction.atomic
def delete_schedule(actor: Actor, schedule: ReportSchedule) -> None:
    """Delete the schedule and the list of what it sent; the reports stay."""
    access.require(actor, schedule.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    audit.record(actor, "sla_schedule.delete", schedule, project_id=schedule.project_id)
    schedule.delete()


@transaction.atomic
def send_now(actor: Actor, schedule: ReportSchedule, *, now: datetime) -> ReportMailing:
    """Promise the report of the last period that is over; the next tick makes and mails it. The clock goes on as it
    did. Raises `Conflict` while one sent by hand is on its way."""
    access.require(actor, schedule.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)
    schedule = ReportSchedule.objects.select_for_update().get(pk=schedule.pk)
    if schedule.mailings.filter(sent_at=None, next_try_at__isnull=False).exclude(asked_by="").exists():
        raise Conflict("one is on its way already")
    mailing = ReportMailing.objects.create(
        schedule=schedule, period=last_period(schedule, now), due_at=now, asked_by=actor.label[:200], next_try_at=now
    )
    audit.record(actor, "sla_schedule.send", schedule, project_id=schedule.project_id)
    return mailing


def last_period(schedule: ReportSchedule, now: datetime) -> str:
    """Return the name of the last period that is over. Raises `Conflict` where the market's calendar does not tell."""
    clock = clock_of(schedule, now)
    if clock.cadence != Cadence.MARKET_CLOSE:
        return period_at(clock, now)
    closed = [session.day for session in clock.market.sessions if session.closes_at <= now] if clock.market else []
    if not closed:
        raise Conflict(f"no session of {schedule.market} is known")
    return closed[-1].isoformat()


def _zone_faults(schedule: ReportSchedule) -> list[str]:
    try:
        zone_named(schedule.zone)
    except ValueError as error:
        return [str(error)]
    return []


def _market_faults(schedule: ReportSchedule) -> list[str]:
    if schedule.cadence != Cadence.MARKET_CLOSE:
        return []
    found = MarketCalendar.objects.filter(code=schedule.market).first()
    if found is None:
        return ["name the market whose close it is, e.g. XNYS"]
    return ["this market never closes"] if found.is_always_open else []


def _address_faults(schedule: ReportSchedule) -> list[str]:
    if len(schedule.addresses) > MOST_ADDRESSES:
        return [f"at most {MOST_ADDRESSES} addresses"]
    return [f"{address} is no e-mail address" for address in schedule.addresses if not _is_address(address)]


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _may_see(person: User, schedule: ReportSchedule) -> bool:
    actor = Actor(kind="user", id=person.pk, label=person.get_username())
    return access.may(actor, schedule.project_id, Role.VIEWER, scope=Scope.SLA_READ)


def _project_faults(schedule: ReportSchedule) -> list[str]:
    others = ReportSchedule.objects.filter(project=schedule.project_id).exclude(pk=schedule.pk).count()
    return [f"a project has at most {MOST_SCHEDULES} schedules"] if others >= MOST_SCHEDULES else []


def _was_in(schedule: ReportSchedule) -> list[int]:
    return list(ReportSchedule.objects.filter(pk=schedule.pk or 0).values_list("project_id", flat=True))
