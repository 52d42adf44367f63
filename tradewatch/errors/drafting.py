"""From a canonical document to a draft: grouped, classified, compressed. No database but the cached rules."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from tradewatch.core.frames import compress
from tradewatch.errors.classification import UNCLASSIFIED, Classification
from tradewatch.errors.drafts import Draft
from tradewatch.errors.facts import Facts, facts_of, identity_hash, user_hashes
from tradewatch.errors.fingerprint_book import current_fingerprint_rules
from tradewatch.errors.grouping import group
from tradewatch.errors.normalise import Kept, with_kept
from tradewatch.errors.rulebook import current_rules
from tradewatch.inbox.handlers import Arrival

_COMPRESSION_LEVEL = 3


def user_of(document: dict[str, Any]) -> tuple[int, ...]:
    """Return the hashes of the user. Asked before scrubbing: an address that is not kept still tells users apart."""
    return user_hashes(document, key=user_key(settings.SECRET_KEY))


def identity_hashes(name: str, value: object) -> set[int]:
    """Return the hashes under which a user of that name may be stored, `name` being one of `facts.USER_KEYS`.

    One under the key of today, and one under each replaced key that is still named.
    """
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return {identity_hash(name, value, key=user_key(secret)) for secret in secrets}


@lru_cache(maxsize=4)
def user_key(secret: str) -> bytes:
    """Return the key of the hashes: derived, so that they tell nothing about sessions or signatures made with the same
    secret."""
    return sha256(b"users of issues:" + secret.encode()).digest()


def draft_of(document: dict[str, Any], arrival: Arrival, *, kept: Kept, user: tuple[int, ...]) -> Draft:
    """Return what is stored of a canonical, scrubbed document (taken over) and of what was kept beside it."""
    if kept.outline:
        document["exception"] = kept.outline
    facts = facts_of(document)
    if arrival.is_simulated:
        facts = replace(facts, tags={**facts.tags, "simulated": "yes"})
    fingerprint = current_fingerprint_rules().fingerprint_of(document, arrival.project.id)
    return Draft(
        project_id=arrival.project.id,
        event_id=UUID(hex=document["event_id"]),
        timestamp=datetime.fromtimestamp(document["timestamp"], tz=UTC),
        received_at=arrival.received_at,
        grouping=group(document, fingerprint=fingerprint.parts if fingerprint else None),
        grouped_why=fingerprint.why if fingerprint else "",
        facts=facts,
        classification=_classify(facts, arrival.project.id),
        user_hashes=user,
        spike_limit=arrival.project.spike_limit_per_minute,
        is_simulated=arrival.is_simulated,
        notifies=arrival.notifies,
        payload=compress(orjson.dumps(with_kept(document, kept)), _COMPRESSION_LEVEL),
    )


def _classify(facts: Facts, project_id: int) -> Classification:
    if not settings.SENTRY_ENABLE_ERROR_CLASSIFICATION:
        return UNCLASSIFIED
    return current_rules().classify(facts, project_id)
