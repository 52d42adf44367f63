"""Is it new in this release? By the first release that the issue was met in."""

from dataclasses import dataclass
from datetime import datetime

from alerts.words import counted, duration_words, moment_words
from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.steps.answers import Answer, unknown
from tradewatch.errors.models import Issue, TagCount
from tradewatch.projects.models import Environment, Release, ReleaseSighting

KEY = StepKey.NEW_IN_RELEASE


@dataclass(frozen=True, slots=True)
class Known:
    """`first_release` empty: the first event named none. `earlier_releases`: of the project, seen before this one.

    `release_seen_at` and `watched_since` are of the environment; None: not known.
    """

    release: str
    first_release: str
    first_seen_at: datetime
    release_seen_at: datetime | None
    watched_since: datetime | None
    earlier_releases: int
    events_in_release: int
    events: int
    is_regressed: bool = False


def ask(subject: Subject) -> Answer:
    if subject.issue is None:
        return unknown(KEY, "No event of this fingerprint was ever stored: nothing says when it began.")
    if not subject.release:
        return unknown(KEY, "The error names no release.")
    return judge(_known(subject, subject.issue), environment=subject.environment)


def judge(known: Known, *, environment: str) -> Answer:
    evidence = {
        "release": known.release,
        "first_release": known.first_release,
        "first_seen_at": known.first_seen_at.isoformat(),
        "events_in_release": known.events_in_release,
        "events": known.events,
        "earlier_releases": known.earlier_releases,
    }
    if known.first_release != known.release:
        return Answer(KEY, Finding.NO, _old_words(known), evidence)
    if not known.earlier_releases:
        return unknown(KEY, f"{known.release} is the first release ever seen here: everything is new in it.", evidence)
    return Answer(KEY, Finding.YES, _new_words(known, environment), evidence)


def _new_words(known: Known, environment: str) -> str:
    lag = ""
    if known.release_seen_at is not None:
        after = known.first_seen_at - known.release_seen_at
        lag = f", {duration_words(after)} after that was first seen in {environment}"
    before = ""
    if known.watched_since is not None and known.watched_since < known.first_seen_at:
        before = f"; not once in the {duration_words(known.first_seen_at - known.watched_since)} before"
    return f"First met in {known.release}{lag}{before}."


def _old_words(known: Known) -> str:
    first = f" in {known.first_release}" if known.first_release else ""
    came_back = " It was resolved since, and came back." if known.is_regressed else ""
    share = f"{known.events_in_release:,} of {counted(known.events, 'event')} are of {known.release}"
    return f"Met since {moment_words(known.first_seen_at)}, first{first}; {share}.{came_back}"


def _known(subject: Subject, issue: Issue) -> Known:
    project = subject.project
    release = Release.objects.filter(project=project, version=subject.release).first()
    seen = ReleaseSighting.objects.filter(release=release, environment=subject.environment).first() if release else None
    place = Environment.objects.filter(project=project, name=subject.environment).first()
    tag = TagCount.objects.filter(issue=issue, key="release", value=subject.release[:200]).first()
    earlier = Release.objects.filter(project=project, first_seen_at__lt=release.first_seen_at) if release else None
    return Known(
        release=subject.release,
        first_release=issue.first_release.version if issue.first_release else "",
        first_seen_at=issue.first_seen_at,
        release_seen_at=seen.first_seen_at if seen else None,
        watched_since=place.first_seen_at if place else None,
        earlier_releases=earlier.count() if earlier is not None else 0,
        events_in_release=tag.count if tag else 0,
        events=issue.event_count,
        is_regressed=issue.is_regressed,
    )
