"""The digest's handler of `event` items: from the bytes a client sent to a draft, then a batch of drafts to rows."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.conf import settings

from tradewatch.errors.drafting import draft_of, user_of
from tradewatch.errors.drafts import Draft
from tradewatch.errors.normalise import IsClean, Kept, normalise_event, take_apart
from tradewatch.errors.store import store_drafts
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.scrub import ScrubPolicy, is_clean, scrub_document
from tradewatch.projects.retention import how_long


class ErrorHandler:
    """Stateless: one serves all threads."""

    def prepare(self, item: Item, arrival: Arrival) -> Draft:
        """Return what to store of one event. Raises `Unreadable` for what is no JSON object."""
        policy, finds_clean = _scrubbing(arrival.project.keeps_ip_addresses, arrival.project.scrub_fields)
        document, kept = _canonical(item, arrival, finds_clean)
        user = user_of(document)
        scrub_document(document, policy)
        return draft_of(document, arrival, kept=kept, user=user)

    def store(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        store_drafts(drafts, now=now)


def _canonical(item: Item, arrival: Arrival, finds_clean: IsClean) -> tuple[dict[str, Any], Kept]:
    event_id = arrival.headers.get("event_id")
    document, kept = take_apart(item.payload, finds_clean, drift=arrival.drift, event_id=event_id)
    document = normalise_event(
        document,
        received_at=arrival.received_at,
        retention=how_long(arrival.project.event_days, settings.EVENT_RETENTION),
        environment=settings.SENTRY_ENVIRONMENT,
        drift=arrival.drift,
        event_id=event_id,
    )
    return document, kept


@lru_cache(maxsize=1000)
def _scrubbing(keeps_ip_addresses: bool, extra_fields: frozenset[str]) -> tuple[ScrubPolicy, IsClean]:
    """Return the same objects for the same project: what was found clean once is remembered by them."""
    policy = ScrubPolicy(keeps_ip_addresses=keeps_ip_addresses, extra_fields=extra_fields)
    return policy, partial(is_clean, policy=policy)
