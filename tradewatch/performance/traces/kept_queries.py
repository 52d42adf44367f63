"""The raw traces that are kept: lists, and one trace with its documents. Give the projects that the user may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import zstandard
from django.db.models import QuerySet, Sum

from tradewatch.performance.models import KeptTransaction, TraceHour

MOST_OF_A_TRACE = 500  # parts of one trace that are read at once


@dataclass(frozen=True, slots=True)
class KeptShare:
    """Of `seen` transactions `kept` can be looked at; all are in the figures."""

    seen: int
    kept: int


def kept_transactions(
    project_ids: Sequence[int],
    start: int,
    end: int,
    *,
    environment: str | None = None,
    name: str | None = None,
    release: str | None = None,
) -> QuerySet[KeptTransaction]:
    """Return the kept transactions that began in the interval, the newest first. Filter, order and page it further."""
    found = KeptTransaction.objects.filter(
        project__in=project_ids, started_at__gte=_moment(start), started_at__lt=_moment(end)
    )
    if environment is not None:
        found = found.filter(environment=environment)
    if name is not None:
        found = found.filter(name=name)
    if release is not None:
        found = found.filter(release=release)
    return found.order_by("-started_at", "-pk")


def transactions_of_trace(project_ids: Sequence[int], trace_id: str) -> list[KeptTransaction]:
    """Return the kept parts of a trace in the order in which they began, their documents (`document_of`) at hand."""
    parts = KeptTransaction.objects.filter(trace_id=_plain_id(trace_id), project__in=project_ids).exclude(trace_id="")
    return list(parts.select_related("stored", "project").order_by("started_at", "pk")[:MOST_OF_A_TRACE])


def document_of(transaction: KeptTransaction) -> dict[str, Any]:
    """Return the scrubbed document: the transaction item as it was sent, or {"version", "items"} of streamed spans.

    An empty object when only the row is left.
    """
    stored = getattr(transaction, "stored", None)
    if stored is None:
        return {}
    document: dict[str, Any] = orjson.loads(zstandard.decompress(bytes(stored.data)))
    return document


def trace_id_of_event(project_ids: Sequence[int], event_id: UUID) -> str | None:
    """Return the trace that a kept transaction with this event id belongs to; None when none is kept."""
    found = KeptTransaction.objects.filter(project__in=project_ids, event_id=event_id).exclude(trace_id="")
    return found.values_list("trace_id", flat=True).first()


def kept_share(project_ids: Sequence[int], start: int, end: int) -> KeptShare:
    """Return how many transactions came in the hours that touch the interval, and how many of them are kept raw."""
    hours = TraceHour.objects.filter(project_id__in=project_ids, hour__gte=start // 3600, hour__lt=-(-end // 3600))
    sums = hours.aggregate(seen=Sum("seen", default=0), kept=Sum("kept", default=0))
    return KeptShare(seen=sums["seen"], kept=sums["kept"])


def _plain_id(trace_id: str) -> str:
    return trace_id.replace("-", "").lower()[:32]


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
