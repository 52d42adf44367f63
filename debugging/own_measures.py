"""What debugging measures of itself: batches of replays that wait for a runner."""

from datetime import datetime

from django.db.models import Count, Min

from debugging.choices import BatchState
from debugging.models import ReplayBatch
from tradewatch.metrics.own.measures import COUNT, SECOND, Limits, Measure, Values
from tradewatch.metrics.own.registry import age_seconds, plain

MEASURES = (
    Measure(
        "replay_batches_waiting", "Batches of replays waiting", COUNT, "Matrices and searches that nobody works on."
    ),
    Measure(
        "replay_batches_oldest_age_seconds",
        "Oldest batch of replays",
        SECOND,
        "Seconds since the oldest of them was asked for; 0 without any.",
        limits=Limits(600, 3600),
        cure="A batch waits while others run. Look at the workbench for one that hangs, and cancel it there.",
    ),
)


def read_batches(now: datetime) -> Values:
    found = ReplayBatch.objects.filter(state=BatchState.QUEUED).aggregate(count=Count("pk"), oldest=Min("requested_at"))
    return plain(
        replay_batches_waiting=found["count"],
        replay_batches_oldest_age_seconds=age_seconds(found["oldest"], now) or 0.0,
    )
