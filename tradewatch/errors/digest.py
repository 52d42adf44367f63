"""The digest's handler of `event` items: from the bytes a client sent to a draft, then a batch of drafts to rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tradewatch.errors.drafting import draft_of, user_of
from tradewatch.errors.drafts import Draft
from tradewatch.errors.normalise import normalise_event
from tradewatch.errors.store import store_drafts
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.projects.config import ProjectConfig


class ErrorHandler:
    """Stateless: one serves all threads."""

    def prepare(self, item: Item, arrival: Arrival) -> Draft:
        """Return what to store of one event. Raises `Unreadable` for what is no JSON object."""
        document = _canonical(item, arrival)
        user = user_of(document)
        scrub_document(document, _policy(arrival.project), raw=item.payload)
        return draft_of(document, arrival, user=user)

    def store(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        store_drafts(drafts, now=now)


def _canonical(item: Item, arrival: Arrival) -> dict[str, Any]:
    return normalise_event(
        item.payload,
        received_at=arrival.received_at,
        retention=settings.EVENT_RETENTION,
        environment=settings.SENTRY_ENVIRONMENT,
        drift=arrival.drift,
        event_id=arrival.headers.get("event_id"),
    )


def _policy(project: ProjectConfig) -> ScrubPolicy:
    return ScrubPolicy(keeps_ip_addresses=project.keeps_ip_addresses, extra_fields=project.scrub_fields)
