"""Events of users, and an erasure of one of them, from asking to its report."""

from typing import Any

from django.utils import timezone

from tests.errors.documents import make_event
from tests.inbox.builders import make_envelope, queue_up
from tradewatch.core.actors import SYSTEM
from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.processes.erasing.running import claim, run
from tradewatch.processes.erasing.services import ask_for_erasure
from tradewatch.processes.models import Erasure
from tradewatch.projects.models import Project

NOW = timezone.now()
GONE, GONE_MAIL = "u-7f3k9-gone", "mara.gone@desk.example"


def digest_events(project: Project, *users: dict[str, Any]) -> None:
    bodies = [make_envelope(("event", make_event(user=user, message=f"hello {user}"))) for user in users]
    queue_up(*bodies, project_id=project.pk, received_at=NOW.timestamp())
    digest_batch(HANDLERS, now=NOW)


def asked(**values: Any) -> Erasure:
    return ask_for_erasure(
        values.pop("actor", SYSTEM), **{"user_id": GONE, "project": None, "is_dry_run": False, "now": NOW, **values}
    )


def erased(**values: Any) -> dict[str, Any]:
    erasure = asked(**values)
    assert claim(erasure, now=NOW)
    run(erasure)
    return erasure.report
