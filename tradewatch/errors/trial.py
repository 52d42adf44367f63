"""A test event: a real one, sent the way that every event goes, so that its arrival proves the whole of it."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.kick import kick
from tradewatch.inbox.event_ids import new_event_id
from tradewatch.inbox.services import enqueue_event
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

MESSAGE = "Test event of TradeWatch"


@transaction.atomic
def send_test_event(actor: Actor, project: Project, *, message: str = MESSAGE) -> str:
    """Queue an error event with `message` and return its id, 32 hex digits; it is digested within a second."""
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.ERRORS_WRITE)
    event_id = new_event_id()
    audit.record(actor, "errors.send_test", project, project_id=project.pk, changes={"event_id": [None, event_id]})
    enqueue_event(
        project.pk,
        {
            "event_id": event_id,
            "timestamp": timezone.now().isoformat(),
            "platform": "other",
            "level": "error",
            "logger": "tradewatch.test",
            "logentry": {"formatted": message},
            "environment": settings.SENTRY_ENVIRONMENT,
            "tags": {"tradewatch.test": "true"},
        },
    )
    transaction.on_commit(partial(kick, "digest"))  # on PostgreSQL the kick of `enqueue_event` comes before the commit
    return event_id
