"""One issue's patterns, and those between issues: what `reading` brings, judged by the pure modules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from debugging.choices import PatternKind
from debugging.patterns.alike import Alike, Known, candidates, likest
from debugging.patterns.bursts import exposure, find_bursts
from debugging.patterns.found import Found
from debugging.patterns.hours import CLOCK, LEAST_TRAFFIC, Question, in_its_hours
from debugging.patterns.pairs import pair_found
from debugging.patterns.periods import find_periodic
from debugging.patterns.reading.documents import OtherErrors, PassedRequests, sample_of_issue
from debugging.patterns.reading.markets import market_questions
from debugging.patterns.reading.presence import loudest, presence, traces_of
from debugging.patterns.reading.traffic import Requests, counts_over_time, errors_by_hour
from debugging.patterns.reading.windows import Window
from debugging.patterns.shares import Traffic, over_represented, tally_of
from debugging.patterns.together import LAG, Bits, Pair, bits_of, come_together, is_everywhere, widened
from debugging.patterns.tracing import Traced, share_traces
from tradewatch.errors.families import family_ids
from tradewatch.errors.insights import frames_of_issues
from tradewatch.errors.likeness import look_of
from tradewatch.errors.models import Issue
from tradewatch.errors.rollups import issue_series_name
from tradewatch.metrics.models import Resolution
from tradewatch.projects.models import Project

LEAST_REQUESTS = LEAST_TRAFFIC  # fewer are no traffic to hold anything against
FEW = 0.05  # of an issue's events: requests of transactions with fewer are not compared


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is read for what issues have in common: minutes of issues, and errors with their traces."""

    minutes: int
    traces: int


@dataclass
class Surroundings:
    """What of a project an issue is held against. Each part is read when it is first asked for, and once."""

    project: Project
    window: Window
    extent: Extent
    first_read: int = field(default=0, init=False)  # the first minute in which issues were looked for

    @property
    def has_read_all(self) -> bool:
        """Whether what issues have in common was looked for everywhere."""
        return self.first_read <= self.window.start and self.events <= self.extent.traces

    @cached_property
    def events(self) -> int:
        return sum(self.loudest.values())

    @cached_property
    def requests(self) -> Requests:
        return Requests(self.project.pk, self.window)

    @cached_property
    def requests_tally(self) -> Mapping[str, Mapping[str, int]]:
        return self.requests.tally()

    @cached_property
    def request_minutes(self) -> Bits:
        return self.requests.minutes()

    @cached_property
    def hours(self) -> Mapping[int, int]:
        return self.requests.hours()

    @cached_property
    def errors_by_hour(self) -> Mapping[int, int]:
        return errors_by_hour(self.project.pk, self.window)

    @cached_property
    def others(self) -> OtherErrors:
        return OtherErrors(self.project.pk, self.window, self.events)

    @cached_property
    def passed(self) -> PassedRequests:
        return PassedRequests(self.project.pk, self.window)

    @cached_property
    def questions(self) -> list[Question]:
        return [*CLOCK, *market_questions(self.window)]

    @cached_property
    def loudest(self) -> dict[int, int]:
        return loudest(self.project.pk, self.window)


def patterns_of(issue: Issue, around: Surroundings) -> tuple[int, list[Found]]:
    """Return (how many events the issue has in the window, what was found of it alone)."""
    events, shares = _shares(issue, around)
    return events, [*shares, *_times(issue, around)]


def patterns_between(around: Surroundings, *, only: Issue | None = None) -> dict[int, list[Found]]:
    """Return {issue: its patterns with others}. A pair stands at the rarer, or quieter, of the two."""
    pk = only.pk if only is not None else None
    pairs = {(each.one, each.other): each for each in _in_minutes(around, pk)}
    traced = {(each.one, each.other): each for each in _in_traces(around, pk)}
    alike = _alike(around, pk)
    ids = {pk for pair in [*pairs, *traced] for pk in pair} | {pk for each in alike for pk in (each.one, each.other)}
    issues = Issue.objects.in_bulk(list(ids))
    found: dict[int, list[Found]] = {}
    for one, other in dict.fromkeys([*traced, *pairs]):
        if one in issues and other in issues and not ((other, one) in traced and (one, other) not in traced):
            each = pair_found(around.project, issues[other], pairs.get((one, other)), traced.get((one, other)))
            found.setdefault(one, []).append(each)
    for each_alike in alike:
        found.setdefault(each_alike.one, []).append(_similar(around.project, issues, each_alike))
    return found


def _shares(issue: Issue, around: Surroundings) -> tuple[int, list[Found]]:
    ids = family_ids(issue)
    sample = sample_of_issue(ids, around.window)
    names = [name for name, count in sample.names.items() if count >= FEW * len(sample.features)]
    traffic = [
        Traffic("requests", around.requests_tally, is_whole=True),
        Traffic("requests that passed", around.passed.of(names)),
        Traffic("other errors", around.others.without(ids)),
    ]
    return sample.events, over_represented(tally_of(sample.features), traffic)


def _times(issue: Issue, around: Surroundings) -> list[Found]:
    window, series = around.window, issue_series_name(issue.pk)
    hours = counts_over_time(issue.project_id, series, Resolution.HOUR, window.hours_from, window.end)
    minutes = counts_over_time(issue.project_id, series, Resolution.MINUTE, window.start, window.end)
    traffic, what = _traffic_by_hour(hours, around)
    recent = {at: count for at, count in minutes.items() if at >= window.bursts_from}
    weighed = exposure(window.bursts_from, window.end, traffic)
    return [
        *in_its_hours(hours, traffic, what, around.questions),
        *find_bursts(recent, weighed, window.end),
        *find_periodic(minutes, traffic),
    ]


def _traffic_by_hour(hours: Mapping[int, int], around: Surroundings) -> tuple[Mapping[int, int], str]:
    """Return all requests by the hour; where there are next to none, the project's other errors; else nothing."""
    if sum(around.hours.values()) >= LEAST_REQUESTS:
        return around.hours, "requests"
    others = {at: count - hours.get(at, 0) for at, count in around.errors_by_hour.items() if count > hours.get(at, 0)}
    return (others, "other errors") if sum(others.values()) >= LEAST_REQUESTS else ({}, "")


def _in_minutes(around: Surroundings, only: int | None) -> list[Pair]:
    if only is not None and _is_everywhere(around, only):
        return []  # nobody's minutes need to be read
    most = around.extent.minutes
    bits, around.first_read = presence(around.project.pk, around.loudest, around.window, most_rows=most)
    return come_together(bits, _open_minutes(around), only=only)


def _is_everywhere(around: Surroundings, issue_id: int) -> bool:
    window = around.window
    series = issue_series_name(issue_id)
    minutes = counts_over_time(around.project.pk, series, Resolution.MINUTE, window.start, window.end)
    open_minutes = around.request_minutes.bit_count() or (window.end - window.start) // 60
    return is_everywhere(widened(bits_of(minutes, window.start), LAG), open_minutes)


def _open_minutes(around: Surroundings) -> Bits:
    """Return the minutes in which anything could have come: those with requests, or all that were read."""
    requests = around.request_minutes >> (around.first_read - around.window.start) // 60
    return requests or (1 << (around.window.end - around.first_read) // 60) - 1


def _in_traces(around: Surroundings, only: int | None) -> list[Traced]:
    members = Issue.objects.filter(project=around.project, merged_into__isnull=False)
    above = dict(members.values_list("pk", "merged_into"))
    roots = {pk: _root(pk, above) for pk in above}
    extent = {"events": around.events, "most": around.extent.traces}
    found = share_traces(*traces_of(around.project.pk, around.window, roots, **extent))
    return [each for each in found if only is None or only in (each.one, each.other)]


def _root(pk: int, above: Mapping[int, int | None]) -> int:
    while (higher := above.get(pk)) is not None:
        pk = higher
    return pk


def _alike(around: Surroundings, only: int | None) -> list[Alike]:
    rows = Issue.objects.filter(pk__in=list(around.loudest), merged_into=None)
    if only is not None:
        rows = rows.filter(exception_type__in=Issue.objects.filter(pk=only).values("exception_type"))
    columns = rows.values_list("pk", "exception_type", "message", "title", "culprit", "event_count")
    known = [Known(pk, kind, look_of(message or title, culprit), n) for pk, kind, message, title, culprit, n in columns]
    pairs = candidates(known, only=only)
    ids: Sequence[int] = sorted({each.id for pair in pairs for each in pair})
    frames: dict[int, frozenset[str]] = {}
    for start in range(0, len(ids), 200):
        frames |= frames_of_issues(list(Issue.objects.filter(pk__in=ids[start : start + 200])))
    return likest(pairs, frames)


def _similar(project: Project, issues: Mapping[int, Issue], alike: Alike) -> Found:
    other = issues[alike.other]
    name = f"{project.slug.upper()}-{other.number}"
    summary = f"Looks like {name} {other.title[:150]}: {alike.likeness.why}. Differs: {alike.differs}."
    evidence = {"likeness": alike.likeness.score, "why": alike.likeness.why, "differs": alike.differs[:500]}
    return Found(
        PatternKind.SIMILAR, str(other.pk), summary[:500], alike.likeness.score, evidence=evidence, other_id=other.pk
    )
