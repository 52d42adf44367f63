"""What changed fingerprint rules would do, tried on the newest stored events. Writes nothing.

Rules act on events to come: the preview shows where the events of before would go if they came again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tradewatch.errors.fingerprinting import FingerprintPattern, FingerprintRules
from tradewatch.errors.grouping import Grouping, group
from tradewatch.errors.models import Event, Issue, IssueHash

EVENTS_TRIED = 1000
ISSUES_SHOWN = 50

Destination = int | str  # the id of an issue that is there, or the hash of one that would open


@dataclass(frozen=True, slots=True)
class Part:
    """`events` of the tried ones that would go to `issue`, or to a new one (None) named by its `parts`."""

    issue: Issue | None
    parts: str
    events: int


@dataclass(frozen=True, slots=True)
class Split:
    """An issue whose events would go elsewhere: `parts` are where, the greatest first; `staying` of them stay."""

    issue: Issue
    staying: int
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Join:
    """Issues whose events would come together in one."""

    into: Part
    issues: Sequence[tuple[Issue, int]]


@dataclass(frozen=True, slots=True)
class Preview:
    """`tried` events were looked at (`is_all`: there are no more), `moved` of them would go elsewhere."""

    tried: int
    is_all: bool
    moved: int
    splits: Sequence[Split]
    joins: Sequence[Join]


def preview_rules(
    project_id: int,
    before: Sequence[FingerprintPattern],
    after: Sequence[FingerprintPattern],
    *,
    limit: int = EVENTS_TRIED,
) -> Preview:
    """Return what the project's newest `limit` events would do under `after` instead of `before`."""
    old, new = FingerprintRules(before), FingerprintRules(after)
    stored = Event.objects.filter(project=project_id, is_simulated=False).select_related("stored")
    rows = stored.order_by("-timestamp")[: limit + 1]
    flows: Counter[tuple[int, str]] = Counter()  # (issue, primary hash of where it would go) -> events
    staying: Counter[int] = Counter()
    groupings: dict[str, Grouping] = {}
    tried = 0
    for event in rows.iterator(chunk_size=200):
        if tried == limit:
            tried += 1
            break
        tried += 1
        document = event.payload
        was, would = (_grouped(document, rules, project_id) for rules in (old, new))
        if was.hashes == would.hashes:
            staying[event.issue_id] += 1
        else:
            primary = next(iter(would.hashes))
            groupings[primary] = would
            flows[event.issue_id, primary] += 1
    is_all = tried <= limit
    return _preview(project_id, flows, staying, groupings, tried=min(tried, limit), is_all=is_all)


def _grouped(document: Mapping[str, object], rules: FingerprintRules, project_id: int) -> Grouping:
    found = rules.fingerprint_of(document, project_id)
    return group(document, fingerprint=found.parts if found else None)


def _preview(
    project_id: int,
    flows: Counter[tuple[int, str]],
    staying: Counter[int],
    groupings: Mapping[str, Grouping],
    *,
    tried: int,
    is_all: bool,
) -> Preview:
    homes = _homes(project_id, groupings)
    moved: defaultdict[int, Counter[Destination]] = defaultdict(Counter)
    names: dict[Destination, str] = {}
    for (issue_id, primary), events in flows.items():
        destination = homes[primary]
        if destination == issue_id:  # known by another hash already
            staying[issue_id] += events
            continue
        moved[issue_id][destination] += events
        names[destination] = ", ".join(groupings[primary].components[1:])[:200]
    wanted = {*moved, *staying, *(each for parts in moved.values() for each in parts if isinstance(each, int))}
    issues = Issue.objects.in_bulk(wanted)

    def part(destination: Destination, events: int) -> Part:
        issue = issues.get(destination) if isinstance(destination, int) else None
        return Part(issue, names.get(destination, ""), events)

    splits = [
        Split(issues[issue_id], staying[issue_id], [part(*each) for each in parts.most_common()])
        for issue_id, parts in moved.items()
    ]
    splits.sort(key=lambda split: -sum(each.events for each in split.parts))
    return Preview(
        tried=tried,
        is_all=is_all,
        moved=sum(sum(parts.values()) for parts in moved.values()),
        splits=splits[:ISSUES_SHOWN],
        joins=_joins(moved, staying, issues, part)[:ISSUES_SHOWN],
    )


def _joins(
    moved: Mapping[int, Counter[Destination]],
    staying: Counter[int],
    issues: Mapping[int, Issue],
    part: Callable[[Destination, int], Part],
) -> list[Join]:
    arriving: defaultdict[Destination, Counter[int]] = defaultdict(Counter)
    for issue_id, parts in moved.items():
        for destination, events in parts.items():
            arriving[destination][issue_id] += events
    for destination, sources in arriving.items():
        if isinstance(destination, int) and staying[destination]:
            sources[destination] += staying[destination]
    joins = [
        Join(part(destination, sum(sources.values())), [(issues[pk], events) for pk, events in sources.most_common()])
        for destination, sources in arriving.items()
        if len(sources) > 1
    ]
    return sorted(joins, key=lambda join: -join.into.events)


def _homes(project_id: int, groupings: Mapping[str, Grouping]) -> dict[str, Destination]:
    """Return where each grouping leads: the issue of its first known hash, else a new one."""
    hashes = {hash_ for grouping in groupings.values() for hash_ in grouping.hashes}
    known = dict(IssueHash.objects.filter(project=project_id, hash__in=hashes).values_list("hash", "issue_id"))
    return {
        primary: next((known[hash_] for hash_ in grouping.hashes if hash_ in known), primary)
        for primary, grouping in groupings.items()
    }
