"""What the page of one issue reads of it. Bounded by index and limit: nothing here counts events."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from django.db.models import Q

from tradewatch.dashboard.document.budget import Budget
from tradewatch.errors.families import events_of
from tradewatch.errors.models import Event, Issue, TagCount

MAX_TAGS = 500
VALUES_BESIDE, KEYS_BESIDE = 2, 8
VALUES_ON_THE_TAB = 10
TAG_MARKUP = 420
# What people look at first; the rest by name.
_TELLING = (
    "release",
    "environment",
    "venue",
    "symbol",
    "transaction",
    "server_name",
    "browser",
    "os",
    "runtime",
    "url",
)


@dataclass(frozen=True, slots=True)
class TagShare:
    """How often a value stands among the issue's events that carry its key."""

    key: str
    value: str
    count: int
    ratio: float


@dataclass(frozen=True, slots=True)
class TagGroup:
    """A key with its most frequent values; `others`: how many values more are known."""

    key: str
    shares: list[TagShare]
    others: int


@dataclass(frozen=True, slots=True)
class Places:
    """The events around one, and the ends. None: there is none in that direction."""

    oldest: Event | None
    older: Event | None
    newer: Event | None
    newest: Event | None

    @property
    def words(self) -> str:
        if self.older is None and self.newer is None:
            return "Only event"
        return "Newest event" if self.newer is None else "Oldest event" if self.older is None else "Event"


def places_around(event: Event, issue: Issue) -> Places:
    """Return the events of `issue` (its members' too) before and after this one in time, and the ends."""
    events = events_of(issue).only("event_id", "issue_id", "timestamp")
    earlier = Q(timestamp__lt=event.timestamp) | Q(timestamp=event.timestamp, pk__lt=event.pk)
    later = Q(timestamp__gt=event.timestamp) | Q(timestamp=event.timestamp, pk__gt=event.pk)
    older = events.filter(earlier).order_by("-timestamp", "-pk").first()
    newer = events.filter(later).order_by("timestamp", "pk").first()
    return Places(
        oldest=events.order_by("timestamp", "pk").first() if older else None,
        older=older,
        newer=newer,
        newest=events.order_by("-timestamp", "-pk").first() if newer else None,
    )


def tag_groups(issue: Issue, *, values: int, keys: int | None = None, bytes_left: int) -> list[TagGroup]:
    """Return the tags with their most frequent values, telling keys first. A share is of the events with that key."""
    rows = TagCount.objects.filter(issue=issue).order_by("key", "-count", "value")[:MAX_TAGS]
    groups = [_group(key, list(counts), values) for key, counts in groupby(rows, key=lambda row: row.key)]
    groups.sort(key=lambda group: (_rank(group.key), group.key))
    return list(_fitting(islice(groups, keys), Budget(bytes_left)))


def _group(key: str, counts: list[TagCount], most: int) -> TagGroup:
    every = sum(row.count for row in counts) or 1
    shares = [TagShare(key, row.value, row.count, row.count / every) for row in counts[:most]]
    return TagGroup(key, shares, max(len(counts) - most, 0))


def _rank(key: str) -> int:
    return _TELLING.index(key) if key in _TELLING else len(_TELLING)


def _fitting(groups: Iterator[TagGroup], budget: Budget) -> Iterator[TagGroup]:
    for group in groups:
        words = "".join(share.key + share.value * 2 for share in group.shares)
        if budget.takes(words, markup=TAG_MARKUP * len(group.shares)):
            yield group
