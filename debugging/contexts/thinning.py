"""Lets old captures go for room: of each error those that tell least (see `errors.telling`).

What a debugging session is about stays, and all of an issue that somebody has bookmarked, or that is merged into one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, RestrictedError
from django.db.models.functions import Length

from debugging.models import ErrorContext
from tradewatch.core.deleting import delete_counted
from tradewatch.errors.families import all_below
from tradewatch.errors.models import Bookmark
from tradewatch.errors.portions import portions
from tradewatch.errors.spent import is_spent, note_spent
from tradewatch.errors.telling import Stored, least_telling

CONTEXTS_A_STEP = 200
CONTEXTS_LOOKED_AT = 20_000  # at once; each portion keeps what tells most
_HOUR = 3600


def thin_contexts_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete what tells least of each project before its moment; yield what a step took, 0 of a project without any.

    Within the hour such a project is passed over.
    """
    for project_id, before in moments.items():
        old = ErrorContext.objects.filter(project=project_id, captured_at__lt=before, debug_sessions=None)
        known = ("contexts", project_id, old.count(), int(before.timestamp()) // _HOUR)
        if is_spent(*known):
            continue
        taken = 0
        for step in _thin(old.exclude(issue__in=_kept_at_hand(project_id))):
            taken += step
            yield step
        if not taken:
            note_spent(*known)
            yield 0


def _thin(rows: QuerySet[ErrorContext]) -> Iterator[int]:
    for portion in _portions(rows):
        gone = [pk for of_one in portion.values() for pk in least_telling(of_one, most_bytes=0)]
        for start in range(0, len(gone), CONTEXTS_A_STEP):
            if taken := _delete(gone[start : start + CONTEXTS_A_STEP]):
                yield taken


def _portions(rows: QuerySet[ErrorContext]) -> Iterator[Mapping[tuple[str, ...], list[Stored]]]:
    """Yield {fingerprint: its captures} of so many rows at once, in order of time."""
    sized, columns = rows.annotate(size=Length("data")), ("size", "release", "environment", "hashes")
    for found in portions(sized, "captured_at", *columns, most=CONTEXTS_LOOKED_AT):
        by_error: defaultdict[tuple[str, ...], list[Stored]] = defaultdict(list)
        for pk, at, size, release, environment, hashes in found:
            by_error[tuple(hashes)].append(Stored(pk, at.timestamp(), size, (release, environment)))
        yield by_error


def _delete(step: Sequence[int]) -> int:
    """Return how many went: none where a session began with one of them at this moment."""
    try:
        with transaction.atomic():
            return delete_counted(ErrorContext.objects.filter(pk__in=step))
    except (RestrictedError, IntegrityError):
        return 0


def _kept_at_hand(project_id: int) -> Sequence[int]:
    marked = Bookmark.objects.filter(issue__project=project_id).values_list("issue", flat=True)
    return all_below(sorted(set(marked)))
