"""What a budget was spent on, as rows of a table: releases, issues, and what neither explains. They add up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse

from sla.costs import by_issue, by_release
from sla.costs.issues import knows_issues
from sla.costs.releases import knows_releases
from sla.costs.slots import slots_of
from sla.costs.splitting import Key, Part, Split
from sla.minutes.values import UNIT
from sla.models import Target
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.words import counted, of_words, share_words, window_words
from tradewatch.errors.models import Issue
from tradewatch.metrics.release_markers import short_version
from tradewatch.projects.models import Release

SHOWN = 8
KEPT_SECONDS = 300  # by all that the costs are made of: the key changes with the period's counts


@dataclass(frozen=True, slots=True)
class CostRow:
    """`ratio` of what was spent, for the bar. `exact` is the cost in events as it is counted. `detail` opens it."""

    name: str
    about: str
    href: str
    cost: str
    exact: str
    of_spent: str
    of_budget: str
    ratio: float
    detail: str
    style: str = "err"


@dataclass(frozen=True, slots=True)
class Spent:
    """`releases` and `issues`: rows that add up to `whole`; empty where the indicator knows none."""

    whole: str
    releases: Sequence[CostRow]
    issues: Sequence[CostRow]
    sentence: str


def spent_of(seen: Seen, parameters: Mapping[str, str]) -> Spent:
    """Return what the adjusted budget was spent on. `parameters`: those of the page that links keep."""
    releases, issues = splits_of(seen)
    allowed = seen.judged.adjusted.allowed
    return Spent(
        whole=counted(seen.judged.adjusted.sums.bad),
        releases=_rows(releases, allowed, _release_rows(seen.target.project_id, releases.parts[:SHOWN], parameters))
        if releases
        else (),
        issues=_rows(issues, allowed, _issue_rows(issues.parts[:SHOWN], parameters)) if issues else (),
        sentence=sentence_of(seen, releases),
    )


def splits_of(seen: Seen) -> tuple[Split[str] | None, Split[int] | None]:
    """Return the costs by release and by issue, remembered for as long as the counts stay."""
    judged, sums = seen.judged, seen.judged.adjusted.sums
    until = min(judged.period.end, judged.now).timestamp() // 60
    key = f"sla-spent:{judged.version_id}:{judged.period.start.timestamp():.0f}:{until:.0f}:{sums.valid}:{sums.bad}"
    found: tuple[Split[str] | None, Split[int] | None] | None = cache.get(key)
    if found is None:
        slots, measure = slots_of(seen.version, judged, seen.minutes), seen.version.measure
        found = by_release(measure, slots, now=judged.now), by_issue(measure, slots, now=judged.now)
        cache.set(key, found, KEPT_SECONDS)
    return found


def sentence_of(seen: Seen, releases: Split[str] | None) -> str:
    """Return `2.0.1 cost 31% of the budget of November 2026`; empty where no release did."""
    allowed = seen.judged.adjusted.allowed
    if not releases or not releases.parts or not releases.parts[0].cost or not allowed:
        return ""
    part = releases.parts[0]
    return f"{short_version(part.key)} cost {share_words(_events(part.cost) / allowed)} of the budget"


def _rows(
    split: Split[Key], allowed: Decimal | None, named: Callable[[Part[Key]], tuple[str, str, str]]
) -> list[CostRow]:
    """Return the costliest, the others as one, and what is not attributed: all of them add up to the whole."""
    parts = [part for part in split.parts if part.cost]
    shown, others = parts[:SHOWN], parts[SHOWN:]
    rows = [_row(split, allowed, part.cost, named(part), _detail(part), "err") for part in shown]
    if others:
        rest, shared = sum(part.cost for part in others), sum(part.shared for part in others)
        detail = f"{len(others)} others" + (f", {counted(shared)} shared" if shared else "")
        rows.append(_row(split, allowed, rest, ("Others", "", ""), detail, "err"))
    if split.unattributed:
        said = ("Not attributed", "", "")
        rows.append(_row(split, allowed, split.unattributed, said, "nothing known then explains it", "s5"))
    return rows


def _row(
    split: Split[Key], allowed: Decimal | None, cost: int, named: tuple[str, str, str], detail: str, style: str
) -> CostRow:
    name, about, href = named
    return CostRow(
        name=name,
        about=about,
        href=href,
        cost=counted(cost),
        exact=str(_events(cost)),
        of_spent=of_words(cost, split.whole),
        of_budget=share_words(_events(cost) / allowed) if allowed else "",
        ratio=cost / split.whole if split.whole else 0.0,
        detail=detail,
        style=style,
    )


def _detail(part: Part[Key]) -> str:
    """Return what a share is made of: `312 of 340 known, 20 of it shared with others; most at 23 Nov 10:03 UTC`."""
    found = counted(part.cost) if part.found == part.cost else f"{counted(part.cost)} of {counted(part.found)} known"
    shared = f", {counted(part.shared)} of it shared with others" if part.shared else ""
    worst = datetime.fromtimestamp(part.worst_at, UTC)
    return f"{found}{shared}; most at {worst:%d %b %H:%M} UTC"


def _release_rows(
    project_id: int, parts: Sequence[Part[str]], parameters: Mapping[str, str]
) -> Callable[[Part[str]], tuple[str, str, str]]:
    rows = Release.objects.filter(project=project_id, version__in=[part.key for part in parts])
    ids = dict(rows.values_list("version", "pk"))
    query = f"?{urlencode(parameters)}" if parameters else ""

    def named(part: Part[str]) -> tuple[str, str, str]:
        href = reverse("release", args=[ids[part.key]]) + query if part.key in ids else ""
        return f"Release {short_version(part.key)}", part.key, href

    return named


def _issue_rows(
    parts: Sequence[Part[int]], parameters: Mapping[str, str]
) -> Callable[[Part[int]], tuple[str, str, str]]:
    issues = Issue.objects.in_bulk([part.key for part in parts])
    query = f"?{urlencode(parameters)}" if parameters else ""

    def named(part: Part[int]) -> tuple[str, str, str]:
        issue = issues.get(part.key)
        if issue is None:
            return f"Issue {part.key}", "deleted since", ""
        return issue.exception_type or issue.title, issue.message, f"{issue.get_absolute_url()}{query}"

    return named


def _events(millionths: int) -> Decimal:
    return Decimal(millionths) / UNIT


@dataclass(frozen=True, slots=True)
class TargetCost:
    """What one issue or release cost a target's budget."""

    target: Target
    window: str
    of_spent: str
    of_budget: str
    detail: str


def issue_costs(seen: Sequence[Seen], issue_id: int) -> list[TargetCost]:
    """Return what an issue cost each of the targets, the dearest first; those that it cost nothing are left out."""
    asked = [each for each in seen if knows_issues(each.version.indicator) and each.judged.adjusted.sums.bad]
    return _dearest_first([(each, splits_of(each)[1]) for each in asked], issue_id)


def release_costs(seen: Sequence[Seen], version: str) -> list[TargetCost]:
    """The same of a release."""
    asked = [each for each in seen if knows_releases(each.version.indicator) and each.judged.adjusted.sums.bad]
    return _dearest_first([(each, splits_of(each)[0]) for each in asked], version)


def _dearest_first(splits: Sequence[tuple[Seen, Split[Key] | None]], key: Key) -> list[TargetCost]:
    found: list[tuple[int, TargetCost]] = []
    for each, split in splits:
        part = next((part for part in split.parts if part.key == key), None) if split else None
        if split and part and part.cost:
            allowed = each.judged.adjusted.allowed
            cost = TargetCost(
                target=each.target,
                window=window_words(each.version, each.judged.period),
                of_spent=of_words(part.cost, split.whole),
                of_budget=share_words(_events(part.cost) / allowed) if allowed else "",
                detail=_detail(part),
            )
            found.append((part.cost, cost))
    return [cost for _, cost in sorted(found, key=lambda pair: -pair[0])]
