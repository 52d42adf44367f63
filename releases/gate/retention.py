"""How long the gate's answers are kept."""

from datetime import datetime

from django.conf import settings

from releases.models import GateAnswer

_STEP = 2_000  # each is a commit of its own: nobody waits long for the write lock


def forget_old_answers(now: datetime) -> int:
    """Delete what is older than TRADEWATCH_GATE_ANSWER_RETENTION_DAYS; return how many answers that were."""
    old = GateAnswer.objects.filter(asked_at__lt=now - settings.GATE_ANSWER_RETENTION).order_by("pk")
    deleted = 0
    while step := list(old.values_list("pk", flat=True)[:_STEP]):
        deleted += GateAnswer.objects.filter(pk__in=step).delete()[0]
    return deleted
