"""What a budget was spent on, for a report: by release and by issue, in the terms of the document."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sla.choices import TargetState
from sla.costs import by_issue, by_release
from sla.costs.slots import slots_of
from sla.costs.splitting import Split
from sla.reports.numbers import exact, weighted
from sla.reports.reading import Part
from tradewatch.errors.models import Issue

Key = TypeVar("Key", int, str)
MOST_SHOWN = 10
ALWAYS_UP_TO = timedelta(days=35)


def costs_of(part: Part) -> dict[str, Any]:
    """Return {"releases", "issues"}, each None where it cannot be told; the largest first.

    Over more than a month only for targets that were not met: for fifty over a quarter it would take longer than all
    the rest.
    """
    period, figures = part.judged.period, part.judged.adjusted
    is_long = period.end - period.start > ALWAYS_UP_TO
    if not figures.sums.bad or (is_long and figures.state == TargetState.MET):
        return {"releases": None, "issues": None}
    slots = slots_of(part.version, part.judged, part.minutes)
    measure, now = part.version.measure, part.judged.now
    releases, issues = by_release(measure, slots, now=now), by_issue(measure, slots, now=now)
    titles = _titles(issues)
    return {
        "releases": None if releases is None else _told(releases, str),
        "issues": None if issues is None else _told(issues, lambda key: titles.get(key, f"issue {key}")),
    }


def _told(split: Split[Key], label: Callable[[Key], str]) -> dict[str, Any]:
    parts = [each for each in split.parts if each.cost]
    return {
        "bad": weighted(split.whole),
        "parts": [
            {
                "key": part.key,
                "label": label(part.key),
                "bad": weighted(part.cost),
                "shared": weighted(part.shared),
                "share": exact(Decimal(part.cost) / split.whole),
            }
            for part in parts[:MOST_SHOWN]
        ],
        "others": weighted(sum(part.cost for part in parts[MOST_SHOWN:])),
        "unattributed": weighted(split.unattributed),
    }


def _titles(split: Split[int] | None) -> dict[int, str]:
    keys = [part.key for part in split.parts[:MOST_SHOWN]] if split else []
    return {issue.pk: f"#{issue.number} {issue.title}"[:160] for issue in Issue.objects.filter(pk__in=keys)}
