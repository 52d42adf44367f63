"""`Idempotency-Key`: a POST that is sent again gets the first one's answer, for 24 h, by caller and path.

The key is claimed by a unique row before the work starts. Only answers that changed something (below 400) are kept:
after a refusal the same key may try again. A claim whose request died is free again after a minute.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.models import IdempotentAnswer

KEPT = timedelta(hours=24)
CLAIM_EXPIRES = timedelta(minutes=1)
MAX_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work of a key. `created_at` tells this claim from a later one of the same row."""

    id: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """What the first request with the key was told."""

    status: int
    answer: Any


def claim(caller: str, path: str, key: str, body: bytes, *, now: datetime) -> Claim | Answered:
    """Claim `key` for `caller` ("token:5") and `path`, or return the answer already given.

    Raises:
        Invalid: the key is longer than 200 characters.
        Conflict: the key came with another body, or its first request is still being answered.
    """
    if len(key) > MAX_KEY_CHARACTERS:
        raise Invalid("bad Idempotency-Key", errors={"Idempotency-Key": [f"at most {MAX_KEY_CHARACTERS} characters"]})
    same = IdempotentAnswer.objects.filter(caller=caller, path=path[:300], key=key)
    same.filter(created_at__lte=now - KEPT).delete()
    same.filter(status=None, created_at__lte=now - CLAIM_EXPIRES).delete()
    body_hash = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(
                caller=caller, path=path[:300], key=key, body_hash=body_hash, created_at=now
            )
    except IntegrityError:
        return _earlier_answer(same.first(), body_hash)
    return Claim(row.pk, now)


def keep_answer(held: Claim, status: int, answer: Any) -> None:
    """Keep the answer for repeats; a refusal (400 and above) frees the key instead."""
    if status >= 400:
        return release(held)
    IdempotentAnswer.objects.filter(pk=held.id, created_at=held.created_at).update(status=status, answer=answer)
    return None


def release(held: Claim) -> None:
    IdempotentAnswer.objects.filter(pk=held.id, created_at=held.created_at, status=None).delete()


def forget_old_answers(*, now: datetime) -> int:
    """Delete what is older than 24 h and return how many."""
    return IdempotentAnswer.objects.filter(created_at__lte=now - KEPT).delete()[0]


def _earlier_answer(earlier: IdempotentAnswer | None, body_hash: str) -> Answered:
    if earlier is not None and earlier.body_hash != body_hash:
        raise Conflict("this Idempotency-Key was used with another body")
    if earlier is None or earlier.status is None:
        raise Conflict("the first request with this Idempotency-Key is still being answered")
    return Answered(earlier.status, earlier.answer)
