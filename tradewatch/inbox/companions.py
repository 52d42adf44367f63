"""What came with an event beside its document: files, and what people wrote about it. It goes with the event: no page
shows it any more then, and whoever is to erase the event's person could not tell whose it is."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from tradewatch.inbox.choices import COMPANION_TYPES
from tradewatch.inbox.models import AttachmentChunk, KeptItem


def companions_of(project_id: int, event_ids: Collection[UUID]) -> QuerySet[KeptItem]:
    return KeptItem.objects.filter(project=project_id, event_id__in=event_ids, item_type__in=COMPANION_TYPES)


def delete_companions(project_id: int, event_ids: Collection[UUID]) -> None:
    """Delete what came with these events, in the caller's transaction."""
    keys = list(companions_of(project_id, event_ids).values_list("pk", flat=True))
    if keys:
        AttachmentChunk.objects.filter(item__in=keys).delete()
        KeptItem.objects.filter(pk__in=keys).delete()
