"""What each release spent of its project's SLA budgets in their present periods."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.cache import cache

from sla.costs.releases import knows_releases
from sla.minutes.values import UNIT
from sla.queries import targets_of
from tradewatch.dashboard.releases.points import points_words
from tradewatch.dashboard.sla.reading import Seen, see
from tradewatch.dashboard.sla.spent import splits_of
from tradewatch.dashboard.sla.words import window_words

MOST_TARGETS = 20
KEPT_SECONDS = 60  # a minute's counts change with the minute


@dataclass(frozen=True, slots=True)
class Spent:
    """Of the target that the release cost most: `share` of its budget, 0.054 for `points` "5.4 points"."""

    share: Decimal
    points: str
    target: str
    href: str
    window: str


def spent_by_release(project_id: int, environment: str, *, now: datetime) -> Mapping[str, Spent]:
    """Return {version: what it spent}; releases that cost nothing are left out. Targets of other environments are not
    asked where one is given."""
    key = f"spent-by-release:{project_id}:{environment}"
    found: dict[str, Spent] | None = cache.get(key)
    if found is None:
        seen = see(list(targets_of([project_id])[:MOST_TARGETS]), now=now)
        found = dearest([each for each in seen if not environment or each.version.environment in ("", environment)])
        cache.set(key, found, KEPT_SECONDS)
    return found


def dearest(seen: list[Seen]) -> dict[str, Spent]:
    found: dict[str, Spent] = {}
    for each in seen:
        figures = each.judged.adjusted
        if not (knows_releases(each.version.indicator) and figures.sums.bad and figures.allowed):
            continue
        split, _ = splits_of(each)
        for part in split.parts if split else ():
            share = Decimal(part.cost) / UNIT / figures.allowed
            if share and share > (found[part.key].share if part.key in found else 0):
                found[part.key] = _spent(each, share)
    return found


def _spent(each: Seen, share: Decimal) -> Spent:
    return Spent(
        share,
        points_words(share),
        str(each.target),
        each.target.get_absolute_url(),
        window_words(each.version, each.judged.period),
    )
