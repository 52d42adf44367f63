"""In which order things go for room. Pure."""

from collections.abc import Iterator
from datetime import timedelta

# Least worth first. Counts, issues, metrics, alerts, SLA and the audit trail are small, and never go for room.
ORDER = ("logs", "traces", "recordings", "attachments", "contexts", "events")
FLOORS = (timedelta(days=7), timedelta(days=1), timedelta(hours=1))


def plan() -> Iterator[tuple[str, timedelta]]:
    """Yield (kind, what is older goes): a week of everything is kept while something older is left, then a day, then an
    hour. What is younger than that never goes for room."""
    for floor in FLOORS:
        for kind in ORDER:
            yield kind, floor
