"""What staff can do with dead letters once the cause is mended: queue them again."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.inbox.models import DeadLetter
from tradewatch.inbox.queue import Arrived
from tradewatch.inbox.services import put
from tradewatch.projects.access import require
from tradewatch.projects.choices import Role, Scope

_NO_PROJECT = 0  # nobody is a member of it: only a superuser may act


def retry_dead_letter(actor: Actor, letter: DeadLetter) -> DeadLetter:
    """Queue the letter's envelope again and return the letter, now `retried`. Needs a manager of its project.

    Raises `Conflict` when it was retried already or its body has expired. Should it fail again, a new letter says why.
    """
    require(actor, letter.project_id or _NO_PROJECT, Role.MANAGER, scope=Scope.ADMIN)
    with transaction.atomic():
        waiting = DeadLetter.objects.select_for_update().get(pk=letter.pk)
        if waiting.state != DeadLetter.State.WAITING or waiting.body is None:
            raise Conflict(f"the dead letter is {waiting.get_state_display().lower()}, there is nothing left to retry")
        # Into the queue before the commit: a crash in between retries it twice, and duplicates change nothing.
        put(_arrived(waiting))
        _mark_retried(waiting)
        changes = {"state": [DeadLetter.State.WAITING, DeadLetter.State.RETRIED]}
        audit.record(actor, "dead_letter.retry", waiting, project_id=waiting.project_id, changes=changes)
    return waiting


def retry_all(actor: Actor, letters: QuerySet[DeadLetter]) -> int:
    """Retry those of `letters` that are waiting, oldest first; return how many.

    Raises `NotAllowed` before the first one when the actor is not a manager of all their projects.
    """
    waiting = letters.filter(state=DeadLetter.State.WAITING, body__isnull=False).order_by("id")
    for project_id in waiting.order_by().values_list("project_id", flat=True).distinct():
        require(actor, project_id or _NO_PROJECT, Role.MANAGER, scope=Scope.ADMIN)
    retried = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            retry_dead_letter(actor, DeadLetter.objects.defer("body").get(pk=pk))
        except (Conflict, DeadLetter.DoesNotExist):
            continue  # somebody else was faster
        retried += 1
    return retried


def _arrived(letter: DeadLetter) -> Arrived:
    return Arrived(
        project_id=letter.project_id or _NO_PROJECT,
        received_at=letter.received_at.timestamp(),
        encoding=letter.encoding,
        address=letter.address,
        body=bytes(letter.body or b""),
    )


def _mark_retried(letter: DeadLetter) -> None:
    letter.state = DeadLetter.State.RETRIED
    letter.retried_at = timezone.now()
    letter.body, letter.address = None, ""  # raw and unscrubbed: the queue has it now
    letter.save(update_fields=["state", "retried_at", "body", "address"])
