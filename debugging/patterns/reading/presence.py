"""In which minutes and traces a project's issues came."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.db.models import F

from debugging.patterns.reading.windows import Window
from debugging.patterns.together import Bits
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.rollups import OF_ISSUE
from tradewatch.metrics.models import Counter as Bucket
from tradewatch.metrics.models import Resolution

DAY = 86_400
MOST_ISSUES = 2000  # the loudest of the window; those beyond are compared with nobody


def loudest(project_id: int, window: Window) -> dict[int, int]:
    """Return {issue id: events in the window}, merged ones left out, the loudest first."""
    rows = Bucket.objects.filter(
        project_id=project_id, resolution=Resolution.DAY, start__gte=window.start // DAY * DAY, start__lt=window.end
    ).filter(series__startswith=OF_ISSUE)
    counts: Counter[int] = Counter()
    for series, count in rows.values_list("series", "count").iterator():
        counts[int(series.removeprefix(OF_ISSUE))] += count
    members = set(Issue.objects.filter(project=project_id, merged_into__isnull=False).values_list("pk", flat=True))
    return dict([(pk, count) for pk, count in counts.most_common() if pk not in members][:MOST_ISSUES])


def presence(
    project_id: int, issues: Mapping[int, int], window: Window, *, most_rows: int
) -> tuple[dict[int, Bits], int]:
    """Return ({issue: its minutes as bits from the window's start on}, the first minute that was read).

    Read a day at a time, the newest first, until `most_rows` buckets were: the days before are left out then.
    """
    size = (window.end - window.start) // 60 // 8 + 1
    found: dict[int, bytearray] = {}
    first, read = window.end, 0
    while first > window.start and read < most_rows:
        last, first = first, max(window.start, first - DAY)
        rows = Bucket.objects.filter(
            resolution=Resolution.MINUTE, start__gte=first, start__lt=last, series__startswith=OF_ISSUE
        )
        for of_project, series, at in rows.values_list("project_id", "series", "start").iterator(chunk_size=5000):
            read += 1
            issue_id = int(series[len(OF_ISSUE) :])
            if of_project == project_id and issue_id in issues:
                place = (at - window.start) // 60
                found.setdefault(issue_id, bytearray(size))[place >> 3] |= 1 << (place & 7)
    return {pk: int.from_bytes(data, "little") for pk, data in found.items()}, first


def traces_of(
    project_id: int, window: Window, roots: Mapping[int, int], *, events: int, most: int
) -> tuple[int, Counter[int], Counter[tuple[int, int]]]:
    """Return (traces with errors, {issue: how many of them it is in}, {pair of issues: how many both are in}).

    `roots` {merged issue: the one that shows it}. Of a project with more `events` than `most` those traces are
    looked at whose id begins low enough: the same for both issues of a pair, and read along the index of traces.
    """
    rows = Event.objects.filter(timestamp__gte=window.since, timestamp__lt=window.until).exclude(trace_id="")
    if (step := -(-events // most)) > 1:
        # The sum hides the project from SQLite, which would read all of its events by their time otherwise.
        rows = rows.alias(of_project=F("project_id") + 0).filter(of_project=project_id)
        rows = rows.filter(trace_id__lt=f"{0x1_0000_0000 // step:08x}")
    else:
        rows = rows.filter(project=project_id)
    issues_of: dict[str, set[int]] = defaultdict(set)
    rows = rows.filter(is_simulated=False)
    for trace_id, issue_id in rows.values_list("trace_id", "issue_id").iterator(chunk_size=5000):
        issues_of[trace_id].add(roots.get(issue_id, issue_id))
    alone: Counter[int] = Counter()
    both: Counter[tuple[int, int]] = Counter()
    for issues in issues_of.values():
        alone.update(issues)
        if 1 < len(issues) <= 20:
            ordered = sorted(issues)
            both.update((one, other) for at, one in enumerate(ordered) for other in ordered[at + 1 :])
    return len(issues_of), alone, both
