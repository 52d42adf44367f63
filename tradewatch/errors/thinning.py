"""Keeps stored events within a budget: the loudest issues lose their least telling events (see `telling`).

Counts, first and last moments, users and tags of issues are stored apart: they do not change.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce, Length

from alerts.models import Alert
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.families import issues_above
from tradewatch.errors.models import Activity, Bookmark, Event, Issue
from tradewatch.errors.needed import needed_events
from tradewatch.errors.news import issue_fingerprint
from tradewatch.errors.portions import portions
from tradewatch.errors.retention import EVENTS_A_STEP, delete_events
from tradewatch.errors.spent import is_spent, note_spent
from tradewatch.errors.telling import NEWEST_KEPT, Stored, least_telling, level
from tradewatch.inbox.choices import WRITTEN_TYPES
from tradewatch.inbox.models import KeptItem
from tradewatch.projects.models import Project

FRESH = timedelta(hours=1)  # what came within it stays: a client may send it again, and then it is known
AIM = 0.9  # of the budget, so that not every hour begins anew
EVENTS_LOOKED_AT = 20_000  # at once, some 5 MB
ALERTS_LOOKED_AT = 50
_MB = 1 << 20
_HOUR = 3600
_SIZE = Coalesce(Length("stored__data"), 0)
_LINKED = re.compile(r"/events/([0-9a-f]{32})")
WRITTEN_KEPT = 20  # an issue's page shows as many of what people wrote


def thin_to_budgets(now: datetime) -> int:
    """Thin each project that is above its budget, then the installation; return how many events went."""
    gone = 0
    for project in Project.objects.exclude(event_budget_mb=None):
        rows = Event.objects.filter(project=project.pk)
        gone += sum(_thin_to(rows, (project.event_budget_mb or 0) * _MB, now=now))
    if settings.EVENT_BUDGET_MB:
        gone += sum(_thin_to(Event.objects.all(), settings.EVENT_BUDGET_MB * _MB, now=now))
    return gone


def thin_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete what tells least of each project before its moment, the loudest issues first; yield what a step took.

    That is 0 of an issue of which nothing may go: ten thousand of them take minutes, and the caller may stop at each.
    Within the hour such an issue is passed over, so that a caller who begins anew gets further.
    """
    for project_id, before in moments.items():
        old = Event.objects.filter(project=project_id, timestamp__lt=before)
        counts = old.values("issue").annotate(events=Count("pk")).filter(events__gt=NEWEST_KEPT).order_by("-events")
        for issue_id, events in list(counts.values_list("issue", "events")):
            known = (issue_id, events, int(before.timestamp()) // _HOUR)
            if is_spent(*known):
                continue
            taken = 0
            for step in _thin(issue_id, old, share=0.0):
                taken += step
                yield step
            if not taken:
                note_spent(*known)
                yield 0


def stored_bytes(rows: QuerySet[Event]) -> dict[int, int]:
    """Return {issue id: bytes of the documents of these events, as stored}. Goes through them all."""
    sums = rows.order_by().values("issue").annotate(size=Sum(_SIZE))
    return dict(sums.values_list("issue", "size"))


def _thin_to(rows: QuerySet[Event], budget: int, *, now: datetime) -> Iterator[int]:
    sizes = stored_bytes(rows)
    if sum(sizes.values()) <= budget:
        return
    each_may_have = level(list(sizes.values()), int(budget * AIM))
    old = rows.filter(received_at__lt=now - FRESH)
    for issue_id, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size > each_may_have:
            yield from _thin(issue_id, old, share=each_may_have / size)


def _thin(issue_id: int, rows: QuerySet[Event], *, share: float) -> Iterator[int]:
    """Leave this share of the bytes of the issue's `rows`. What people keep at hand is not thinned."""
    issue = Issue.objects.get(pk=issue_id)
    homes = [issue.pk, *(each.pk for each in issues_above(issue))]
    if Bookmark.objects.filter(issue__in=homes).exists():
        return
    referred = _referred(issue, homes)
    for portion in _portions(rows.filter(issue=issue_id)):
        most_bytes = int(share * sum(event.size for event in portion))
        gone = least_telling(portion, most_bytes=most_bytes, referred=referred)
        for start in range(0, len(gone), EVENTS_A_STEP):
            step = gone[start : start + EVENTS_A_STEP]
            if taken := delete_events(issue.project_id, step):
                yield taken


def _portions(rows: QuerySet[Event]) -> Iterator[list[Stored]]:
    """Yield the events in order of time, so many at once: a budget is met by each, and each keeps what tells most."""
    sized, columns = rows.annotate(size=_SIZE), ("size", "release_id", "environment")
    for found in portions(sized, "timestamp", *columns, most=EVENTS_LOOKED_AT):
        yield [Stored(pk, at.timestamp(), size, (release, place)) for pk, at, size, release, place in found]


def _referred(issue: Issue, homes: Sequence[int]) -> set[int]:
    """Return the ids of events that a debugging session is about, people wrote about, a note links, or an alert began
    with. `homes`: the issue and those above it."""
    own = Event.objects.filter(issue=issue.pk)
    found = {pk for event_ids in needed_events() for pk in own.filter(pk__in=event_ids).values_list("pk", flat=True)}
    found.update(own.filter(event_id__in=[*_written_about(issue), *_linked(homes)]).values_list("pk", flat=True))
    for home in homes:  # a member's news are its target's
        found.update(_begun_with(issue_fingerprint(home), own, project_id=issue.project_id))
    return found


def _written_about(issue: Issue) -> Iterable[UUID | None]:
    """Return the events that the newest reports and feedback are about: with an event its reports go too."""
    own = Event.objects.filter(project=issue.project_id, event_id=OuterRef("event_id"), issue=issue.pk)
    words = KeptItem.objects.filter(Exists(own), project=issue.project_id, item_type__in=WRITTEN_TYPES)
    return words.order_by("-received_at", "-pk").values_list("event_id", flat=True)[:WRITTEN_KEPT]


def _linked(homes: Sequence[int]) -> Iterable[UUID]:
    notes = Activity.objects.filter(issue__in=homes, kind=ActivityKind.NOTE, text__contains="/events/")
    return [UUID(event_id) for text in notes.values_list("text", flat=True) for event_id in _LINKED.findall(text)]


def _begun_with(fingerprint: str, own: QuerySet[Event], *, project_id: int) -> Iterator[int]:
    about = Alert.objects.filter(project=project_id, dedup_key=fingerprint).order_by("-pk")
    for began_at in about.values_list("starts_at", flat=True)[:ALERTS_LOOKED_AT]:
        newest = own.filter(timestamp__lte=began_at).order_by("-timestamp").values_list("pk", flat=True).first()
        if newest is not None:
            yield newest
