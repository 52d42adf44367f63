"""Samples of documents as features: an issue's events, other errors of the project, requests that passed.

Of an event only the fields that are compared are decoded. Samples are taken evenly over time and by rule, so that the
same events make the same sample whoever asks.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec
import zstandard
from django.db.models import QuerySet
from django.db.models.functions import Mod

from debugging.patterns.reading.windows import Window
from debugging.patterns.shares import tally_of
from debugging.steps.features import Features, features_of
from tradewatch.core import frames
from tradewatch.errors.models import Event
from tradewatch.performance.models import KeptTransaction

SAMPLE = 1000  # events of an issue
OTHERS = 2000  # errors of the project
PASSED = 300  # kept requests of one transaction
PAGE = 250


class _Compared(msgspec.Struct):
    """The fields of an event's document, or of a transaction's, that `features_of` reads."""

    server_name: Any = None
    user: Any = None
    tags: Any = None
    request: Any = None


_decode = msgspec.json.Decoder(_Compared).decode


@dataclass(frozen=True, slots=True)
class Sample:
    """`features` of some of `events` events; `names`: how many of them were in which transaction."""

    features: Sequence[Features]
    events: int
    names: Mapping[str, int] = field(default_factory=dict)


def sample_of_issue(issue_ids: Sequence[int], window: Window) -> Sample:
    """Read up to `SAMPLE` events of an issue with its members within the window: all of them where there are fewer."""
    rows = Event.objects.filter(issue__in=issue_ids, timestamp__gte=window.since, timestamp__lt=window.until)
    if len(issue_ids) == 1:
        rows = rows.filter(issue=issue_ids[0])
    events = rows.count()
    read = list(_read(_spread(rows, events, SAMPLE)))
    return Sample(
        [features for _, features in read], events, Counter(each["endpoint"] for _, each in read if "endpoint" in each)
    )


class OtherErrors:
    """A sample of all errors of a project, about so many `events`, from which an issue's own can be taken out."""

    def __init__(self, project_id: int, window: Window, events: int) -> None:
        rows = Event.objects.filter(project=project_id, timestamp__gte=window.since, timestamp__lt=window.until)
        read = list(_read(_spread(rows, events, OTHERS)))
        self._of_issue: dict[int, list[Features]] = {}
        for issue_id, features in read:
            self._of_issue.setdefault(issue_id, []).append(features)
        self._all = tally_of(features for _, features in read)

    def without(self, issue_ids: Sequence[int]) -> dict[str, Counter[str]]:
        own = tally_of(features for pk in issue_ids for features in self._of_issue.get(pk, ()))
        return {key: values - own[key] if key in own else values for key, values in self._all.items()}


class PassedRequests:
    """Requests that passed, a sample for each transaction. Remembers some tallies: many issues share them."""

    REMEMBERED = 200

    def __init__(self, project_id: int, window: Window) -> None:
        self._project_id, self._window = project_id, window
        self._known: dict[str, dict[str, Counter[str]]] = {}

    def of(self, names: Sequence[str]) -> dict[str, Counter[str]]:
        """Return the tally of those in one of the transactions."""
        tally: dict[str, Counter[str]] = {}
        for name in names:
            for key, values in self._of(name).items():
                tally.setdefault(key, Counter()).update(values)
        return tally

    def _of(self, name: str) -> dict[str, Counter[str]]:
        if name not in self._known:
            if len(self._known) >= self.REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[name] = tally_of(self._sample(name))
        return self._known[name]

    def _sample(self, name: str) -> list[Features]:
        rows = KeptTransaction.objects.filter(
            project=self._project_id,
            name=name,
            started_at__gte=self._window.since,
            started_at__lt=self._window.until,
            is_failed=False,
            has_error=False,
        )
        keys = rows.order_by("started_at", "pk").values_list("pk", flat=True)
        chosen = list(islice(keys.iterator(), 0, None, max(1, -(-rows.count() // PASSED))))
        stored = KeptTransaction.objects.filter(pk__in=chosen).values_list("stored__data", flat=True)
        return [_compared(bytes(data)) for data in stored if data is not None]


def _spread(rows: QuerySet[Event], number: int, wanted: int) -> Iterator[int]:
    """Yield the keys of about `wanted` rows of `number`: those whose key divides by a step. Keys follow the order of
    arrival, so these lie evenly over time, and the database steps over the others along its index."""
    step = max(1, -(-number // wanted))
    rows = rows if step == 1 else rows.annotate(rest=Mod("pk", step)).filter(rest=0)
    return rows.order_by("timestamp", "pk").values_list("pk", flat=True).iterator(chunk_size=5000)


def _read(keys: Iterator[int]) -> Iterator[tuple[int, Features]]:
    """Yield (issue id, features) of events, a page at a time. Simulated ones are none."""
    while page := list(islice(keys, PAGE)):
        rows = Event.objects.filter(pk__in=page, is_simulated=False).order_by("timestamp", "pk")
        columns = ("issue_id", "stored__data", "environment", "release__version", "transaction")
        for issue_id, data, environment, release, transaction in rows.values_list(*columns):
            named = {"environment": environment, "release": release, "endpoint": transaction}
            yield issue_id, {**_compared(bytes(data or b"")), **{key: value for key, value in named.items() if value}}


def _compared(data: bytes) -> Features:
    try:
        document = _decode(frames.decompress(data))
    except (msgspec.MsgspecError, zstandard.ZstdError):  # a row without its document, or one that nobody can read
        return {}
    return features_of({name: getattr(document, name) for name in document.__struct_fields__})
