"""What is worth knowing of an issue beside its counters. Every read is bounded; none counts events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import OuterRef, Subquery

from alerts.models import Alert
from tradewatch.errors.families import events_of, family_ids
from tradewatch.errors.likeness import ALIKE_FROM, Likeness, Look, frames_of, likeness, look_of
from tradewatch.errors.models import Event, Issue, TagCount
from tradewatch.errors.news import issue_fingerprint
from tradewatch.errors.suspects import ReleaseCount, SuspectRelease, suspect_release
from tradewatch.metrics import queries as metrics
from tradewatch.projects.models import Release

CANDIDATES, COMPARED_BY_FRAMES = 200, 20
RELEASES_READ = 100
SHARE_WINDOWS = (timedelta(hours=24), timedelta(days=7), timedelta(days=30))
_SHARE_KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class SimilarIssue:
    issue: Issue
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class UserShare:
    """`users` of the issue against about `active` ones of the project from `since` on.

    No `ratio`: `unknown` says why.
    """

    users: int
    active: int
    ratio: float | None
    since: datetime | None = None
    unknown: str = ""


def similar_issues(issue: Issue, *, limit: int = 5) -> list[SimilarIssue]:
    """Return issues of the same type that look alike, the likest first: suggestions for a merge.

    Looks at the 200 newest of the type, and at the frames of the 20 likest.
    """
    rows = Issue.objects.filter(project=issue.project_id, exception_type=issue.exception_type, merged_into=None)
    rows = rows.filter(is_simulated=False)
    candidates = list(rows.exclude(pk=issue.pk).select_related("project").order_by("-pk")[:CANDIDATES])
    plain = look_of(issue.message or issue.title, issue.culprit)
    by_text = sorted(candidates, key=lambda each: -likeness(plain, _look(each)).score)[:COMPARED_BY_FRAMES]
    frames = frames_of_issues([issue, *by_text])
    mine = Look(plain.words, plain.culprit, frames.get(issue.pk, frozenset()))
    found = [SimilarIssue(each, likeness(mine, _look(each, frames.get(each.pk, frozenset())))) for each in by_text]
    alike = [each for each in found if each.likeness.score >= ALIKE_FROM]
    return sorted(alike, key=lambda each: (-each.likeness.score, -each.issue.pk))[:limit]


def likely_release(issue: Issue) -> SuspectRelease | None:
    """Return the release that the issue is most likely due to, of the project's last 100 before or with it."""
    return suspect_release(release_counts(issue))


def release_counts(issue: Issue) -> list[ReleaseCount]:
    """Return how often the issue happened in each of the project's last 100 releases, in the order they came."""
    tags = TagCount.objects.filter(issue=issue.pk, key="release")
    events = dict(tags.values_list("value", "count"))
    releases = list(Release.objects.filter(project=issue.project_id).order_by("-first_seen_at", "-pk")[:RELEASES_READ])
    return [ReleaseCount(each.version, events.get(each.version, 0), _hours(each)) for each in reversed(releases)]


def user_share(issue: Issue, *, now: datetime) -> UserShare:
    """Return the issue's users against those active in its project, over the shortest window that holds its life.

    An issue's users are kept without time, so the share is unknown for one older than 30 days.
    """
    if not issue.user_count:
        return UserShare(0, 0, None, unknown="its events name no users")
    window = next((each for each in SHARE_WINDOWS if now - issue.first_seen_at <= each), None)
    if window is None:
        return UserShare(issue.user_count, 0, None, unknown="the issue is older than 30 days")
    active = _active_users(issue.project_id, window, now=now)
    if not active:
        return UserShare(issue.user_count, 0, None, unknown="no users were counted in this time")
    return UserShare(issue.user_count, active, min(1.0, issue.user_count / active), since=now - window)


def newest_event(issue: Issue) -> Event | None:
    """Return the newest event that the issue shows, with its document and release."""
    newest = events_of(issue).order_by("-timestamp", "-pk").values_list("pk", flat=True).first()
    return Event.objects.select_related("stored", "release").get(pk=newest) if newest is not None else None


def first_alert(issue: Issue) -> Alert | None:
    """Return the first alert about the issue that is still kept."""
    about = Alert.objects.filter(project=issue.project_id, dedup_key=issue_fingerprint(issue.pk))
    return about.order_by("pk").first()


def members_of(issue: Issue) -> Sequence[Issue]:
    """Return all issues merged into this one, directly or by way of another, in the order they were merged."""
    below = [pk for pk in family_ids(issue) if pk != issue.pk]
    return list(Issue.objects.filter(pk__in=below).select_related("project").order_by("merged_at", "pk"))


def frames_of_issues(issues: Sequence[Issue]) -> dict[int, frozenset[str]]:
    """Return {issue id: frames of its own newest event}, for those that have one stored."""
    newest = Event.objects.filter(issue=OuterRef("pk")).order_by("-timestamp").values("pk")[:1]
    rows = Issue.objects.filter(pk__in=[each.pk for each in issues]).annotate(newest=Subquery(newest))
    events = {issue_id: event for issue_id, event in rows.values_list("pk", "newest") if event is not None}
    stored = Event.objects.select_related("stored").in_bulk(list(events.values()))
    return {issue_id: frames_of(stored[event].payload) for issue_id, event in events.items()}


def _look(issue: Issue, frames: frozenset[str] = frozenset()) -> Look:
    return look_of(issue.message or issue.title, issue.culprit, frames)


def _hours(release: Release) -> float:
    return max(1.0, (release.last_seen_at - release.first_seen_at) / timedelta(hours=1))


def _active_users(project_id: int, window: timedelta, *, now: datetime) -> int:
    """Merging 720 hourly sketches takes a moment: the answer is kept for five minutes."""
    hours = int(window / timedelta(hours=1))

    def count() -> int:
        return metrics.users([project_id], int((now - window).timestamp()), int(now.timestamp()) + 1)

    return cache.get_or_set(f"active-users:{project_id}:{hours}", count, _SHARE_KEPT_SECONDS) or 0
