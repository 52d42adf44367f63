"""Digests `trace_metric` containers into `metrics.points`. Exact: a container delivered again changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.kept_items import identity_of, plain_text
from tradewatch.inbox.scrub import ScrubPolicy
from tradewatch.metrics.points.values import Gathered, merge_gathered
from tradewatch.metrics.points.writing import add_gathered
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.custom_metrics.attributes import AttributeReader
from tradewatch.performance.custom_metrics.container import Sender, Summed, sum_up
from tradewatch.performance.custom_metrics.entries import Times
from tradewatch.performance.custom_metrics.refusals import TOO_MANY_NAMES, refusal_row
from tradewatch.projects.sightings import see_environments

CELLS_AN_EVENT = 5
AHEAD_SECONDS = 3600.0  # a clock that is 55 minutes off or more was corrected already


@dataclass(frozen=True, slots=True)
class MetricDraft:
    """A container summed up. `identity` is what a second delivery shares with the first; None when nothing tells."""

    project_id: int
    environment: str
    received_at: datetime
    identity: UUID | None
    summed: Summed

    @property
    def weight(self) -> int:
        """How many events take as long to store (`inbox.parts`): a client may name new attributes in each point."""
        cells = sum(len(cells) for minutes in self.summed.gathered.values() for cells in minutes.values())
        return max(1, cells // CELLS_AN_EVENT)


class MetricHandler:
    """For `trace_metric`. With SENTRY_ENABLE_CUSTOM_METRICS off they are discarded (and counted as that)."""

    def __init__(self) -> None:
        self._reader = AttributeReader()

    def prepare(self, item: Item, arrival: Arrival) -> MetricDraft | None:
        if not settings.SENTRY_ENABLE_CUSTOM_METRICS:
            return None
        sender = _sender(arrival)
        received = arrival.received_at.timestamp()
        times = Times(received, received - settings.METRIC_RETENTION.total_seconds(), AHEAD_SECONDS)
        summed = sum_up(item.payload, sender, times, self._reader)
        identity = _identity(item, arrival, has_moments=summed.has_moments)
        return MetricDraft(arrival.project.id, sender.environment, arrival.received_at, identity, summed)

    def store(self, drafts: Sequence[MetricDraft], *, now: datetime) -> None:
        fresh = list(_new_of(drafts))
        gathered: Gathered = {}
        for draft in fresh:
            merge_gathered(gathered, draft.summed.gathered)
        stored = add_gathered(gathered)
        received = {draft.project_id: draft.received_at.timestamp() for draft in fresh}
        add_counts(
            [
                *(row for draft in fresh for row in _refused(draft)),
                *(
                    refusal_row(*key[:2], TOO_MANY_NAMES, "", received[key.project_id], points)
                    for key, points in stored.refused.items()
                ),
            ]
        )
        see_environments({(key.project_id, key.environment) for key in gathered}, now=now)


def _sender(arrival: Arrival) -> Sender:
    trace = arrival.headers.get("trace")
    environment = plain_text(trace.get("environment"), 64) if isinstance(trace, Mapping) else ""
    project = arrival.project
    return Sender(
        project_id=project.id,
        environment=environment or settings.SENTRY_ENVIRONMENT,
        policy=ScrubPolicy(keeps_ip_addresses=project.keeps_ip_addresses, extra_fields=project.scrub_fields),
        drift_seconds=arrival.drift.total_seconds(),
    )


def _identity(item: Item, arrival: Arrival, *, has_moments: bool) -> UUID | None:
    """Same bytes with moments are the same points; without any, two containers may be equal and yet two."""
    event_id = arrival.headers.get("event_id")
    if not event_id and not has_moments:
        return None
    return identity_of(arrival.project.id, item.type, event_id, item.payload)


def _new_of(drafts: Sequence[MetricDraft]) -> Iterator[MetricDraft]:
    """Yield the drafts that were not delivered before; of two with one identity, the first."""
    rows = [(draft.identity, draft.project_id, draft.received_at) for draft in drafts if draft.identity]
    columns = ["identity", "project_id", "received_at"]
    left = {identity for (identity,) in bulk.insert_new("metrics_metricreceipt", columns, ["identity"], rows)}
    for draft in drafts:
        if draft.identity is None:
            yield draft
        elif draft.identity in left:
            left.remove(draft.identity)
            yield draft


def _refused(draft: MetricDraft) -> Iterator[CountRow]:
    at_epoch = draft.received_at.timestamp()
    for (reason, name), points in draft.summed.refused.items():
        yield refusal_row(draft.project_id, draft.environment, reason, name, at_epoch, points)
