"""Token buckets: what a channel may still send now. Values in, values out."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Bucket:
    """Holds up to a minute's worth and fills evenly. `tokens` are what it held at `filled_at`."""

    tokens: float
    filled_at: datetime


def take(bucket: Bucket | None, *, per_minute: int, now: datetime) -> tuple[Bucket, timedelta]:
    """Return the bucket after taking one token, and zero; or unchanged but filled, and how long until it holds one."""
    rate = max(1, per_minute) / 60
    held = float(max(1, per_minute))
    if bucket is not None:
        passed = max(0.0, (now - bucket.filled_at).total_seconds())
        held = min(held, bucket.tokens + passed * rate)
    if held >= 1:
        return Bucket(held - 1, now), timedelta(0)
    return Bucket(held, now), timedelta(seconds=(1 - held) / rate)
