"""Which alerts come together, told by an app above in plain keys: what grouping goes by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from alerts.models import Companion
from alerts.words import one_line
from tradewatch.projects.models import Project


@dataclass(frozen=True, slots=True)
class Pair:
    """An alert of `dedup_key` comes together with one of `other_key`; `why` goes on a timeline."""

    dedup_key: str
    other_key: str
    why: str


@transaction.atomic
def replace_companions(project_id: int, pairs: Iterable[Pair], *, now: datetime) -> None:
    """Make `pairs` all that is known of the project. What is known already keeps its beginning."""
    Project.objects.select_for_update(no_key=True).values_list("pk").get(
        pk=project_id
    )  # two at once: one after the other
    wanted = {(pair.dedup_key, pair.other_key): one_line(pair.why, limit=300) for pair in pairs}
    gone, changed = [], []
    for row in Companion.objects.filter(project=project_id):
        why = wanted.pop((row.dedup_key, row.other_key), None)
        if why is None:
            gone.append(row.pk)
        elif why != row.why:
            row.why = why
            changed.append(row)
    Companion.objects.filter(pk__in=gone).delete()
    Companion.objects.bulk_update(changed, ["why"], batch_size=500)
    new = [
        Companion(project_id=project_id, dedup_key=a, other_key=b, why=why, since=now) for (a, b), why in wanted.items()
    ]
    Companion.objects.bulk_create(new, batch_size=500)
