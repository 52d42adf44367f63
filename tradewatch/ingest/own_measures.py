"""What the edge and the relay measure of themselves."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Sum

from tradewatch.ingest.models import RelayEntry, RelayUpstream
from tradewatch.ingest.tallying import edge_between
from tradewatch.metrics.own.measures import BYTE, COUNT, RATIO, SECOND, Limits, Measure, Values
from tradewatch.metrics.own.registry import age_seconds, plain

MINUTES = 5
_SPOOL_CURE = (
    "See “Upstream Sentry” below for what it answers. While it is away envelopes wait in the spool; when that is full "
    "the least valuable go first. Raise TRADEWATCH_RELAY_SPOOL_MB, or relay less (docs/relay.md)."
)

EDGE = (
    Measure(
        "ingest_per_minute",
        "Requests a minute",
        COUNT,
        f"Requests of SDKs a minute by answer, over the last {MINUTES} whole minutes.",
        label="answer",
    ),
    Measure(
        "ingest_failed_per_minute",
        "Requests that we failed, a minute",
        COUNT,
        f"Requests of SDKs a minute answered with 5xx, over the last {MINUTES} whole minutes.",
        limits=Limits(0, 60),
        cure="Look at the disk and the web process's log: 503 says that nothing can be stored, and SDKs drop it.",
    ),
)
RELAY = (
    Measure("spool_envelopes", "Envelopes in the spool", COUNT, "Envelopes that wait to be relayed, of all upstreams."),
    Measure("spool_bytes", "Bytes in the spool", BYTE, "Bytes that wait to be relayed, of all upstreams."),
    Measure(
        "spool_ratio",
        "Spool in use",
        RATIO,
        "Share of the spool's bound that is in use, from 0 to 1.",
        limits=Limits(0.5, 0.9),
        cure=_SPOOL_CURE,
    ),
    Measure(
        "spool_oldest_age_seconds",
        "Oldest in the spool",
        SECOND,
        "Age of the envelope that waits longest to be relayed; 0 without any.",
        limits=Limits(300, 3600),
        cure=_SPOOL_CURE,
    ),
)


def read_edge(now: datetime) -> Values:
    end = int(now.timestamp()) // 60 * 60
    stats = edge_between(end - MINUTES * 60, end)
    by_answer = {name: count / MINUTES for name, count in answers(stats.accepted, stats.refused).items()}
    return {"ingest_per_minute": by_answer, **plain(ingest_failed_per_minute=by_answer["5xx"])}


def answers(accepted: int, refused: Mapping[int, int]) -> dict[str, int]:
    """Return requests by answer: accepted, 429 (a quota), other 4xx, 5xx."""
    found = Counter({"accepted": accepted, "429": 0, "4xx": 0, "5xx": 0})
    for status, count in refused.items():
        found["429" if status == 429 else "5xx" if status >= 500 else "4xx"] += count
    return dict(found)


def read_relay(now: datetime) -> Values:
    waiting = RelayUpstream.objects.aggregate(entries=Sum("entries"), size=Sum("size"))
    # The first by id, not by `received_at`: that would read every entry. They were written in the order of the digest.
    oldest = RelayEntry.objects.order_by("pk").values_list("received_at", flat=True).first()
    return plain(
        spool_envelopes=waiting["entries"] or 0,
        spool_bytes=waiting["size"] or 0,
        spool_ratio=(waiting["size"] or 0) / settings.RELAY_SPOOL_BYTES,
        spool_oldest_age_seconds=age_seconds(oldest, now) or 0.0,
    )
