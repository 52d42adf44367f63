"""Who gets a schedule's reports: its people while they may see the project, and the addresses it names."""

from sla.models import ReportSchedule
from tradewatch.core.actors import Actor
from tradewatch.projects.access import visible_projects


def addresses_of(schedule: ReportSchedule) -> list[str]:
    """Return each address once. People who lost their access, or have no address, are left out."""
    people = [
        person.email
        for person in schedule.people.filter(is_active=True).exclude(email="").order_by("pk")
        if _may_see(person.pk, schedule.project_id)
    ]
    return list(dict.fromkeys(address.strip().lower() for address in (*people, *schedule.addresses)))


def _may_see(user_id: int, project_id: int) -> bool:
    actor = Actor(kind="user", id=user_id, label="")
    return visible_projects(actor).filter(pk=project_id).exists()
