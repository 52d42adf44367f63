"""What a batch changes in its issues: state, severity, priority, newest release, and last the counters.

A member of a merged family counts, and its target's rules decide: it has no state of its own until it is unmerged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.observe import Occurrence
from tradewatch.core import bulk
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.activity import note_activity, sentence
from tradewatch.errors.choices import ActivityKind, ErrorSeverity, IssueState
from tradewatch.errors.drafts import Draft, ReleaseKey
from tradewatch.errors.models import Issue
from tradewatch.errors.news import news_of
from tradewatch.errors.priorities import MANY_USERS, priority_of
from tradewatch.errors.standings import Standing
from tradewatch.errors.states import NO_RESOLUTION, NO_SILENCE, is_regression, silence_ended
from tradewatch.projects.releases import is_after
from tradewatch.projects.sightings import SeenRelease

Releases = Mapping[ReleaseKey, SeenRelease]
_RANKS = {severity: rank for rank, severity in enumerate(ErrorSeverity.values)}


@dataclass(frozen=True, slots=True)
class Tally:
    """The events of one issue in this batch; `dropped` of them were not stored."""

    standing: Standing
    drafts: Sequence[Draft]
    dropped: int
    new_users: int


def move_issues(tallies: Sequence[Tally], releases: Releases, *, now: datetime) -> list[Occurrence]:
    """Bring the issues up to date and return the news about them. `tallies` come in the order of issue ids."""
    news: list[Occurrence] = []
    for tally in tallies:
        back_because = ""
        if tally.standing.merged_into_id is None:
            back_because = _reopen(tally, releases, now=now)
            is_silent = tally.standing.state == IssueState.IGNORED and not back_because
            news += news_of(tally.standing, tally.drafts, back_because=back_because, is_silent=is_silent, now=now)
        severity = _raise_severity(tally)
        _settle_priority(tally, severity, has_regressed=bool(back_because and tally.standing.resolution))
        _advance_release(tally, releases)
    bulk.add_existing(
        "errors_issue",
        ("id",),
        ("event_count", "dropped_count", "user_count"),
        [
            (each.standing.id, len(each.drafts), each.dropped, each.new_users, *_seen_between(each.drafts))
            for each in tallies
        ],
        latest=("last_seen_at",),
        earliest=("first_seen_at",),
    )
    return news


def _seen_between(drafts: Sequence[Draft]) -> tuple[datetime, datetime]:
    moments = [draft.timestamp for draft in drafts]
    return max(moments), min(moments)


def _reopen(tally: Tally, releases: Releases, *, now: datetime) -> str:
    """Open a resolved or ignored issue again where its events say so; return why, in words, else nothing.

    The state is asked for in the update: of two digests, or of a digest and a person, one changes it.
    """
    why = why_open_again(tally, releases, now=now)
    if not why:
        return ""
    changed = Issue.objects.filter(pk=tally.standing.id, state=tally.standing.state).update(
        state=IssueState.UNRESOLVED,
        is_regressed=tally.standing.state == IssueState.RESOLVED,
        **NO_RESOLUTION,
        **NO_SILENCE,
    )
    if not changed:
        return ""
    if tally.standing.resolution is not None:
        note_activity(SYSTEM, tally.standing.id, ActivityKind.REGRESSED, sentence(why), now=now)
    else:
        note_activity(SYSTEM, tally.standing.id, ActivityKind.WOKEN, f"Open again: {why}", now=now)
    return why


def why_open_again(tally: Tally, releases: Releases, *, now: datetime) -> str:
    """Return why a resolved or ignored issue is to open again for its events, in words; empty: it is not."""
    standing = tally.standing
    if standing.resolution is not None:
        for draft in tally.drafts:
            release = releases.get(draft.release_key)
            order = release.order if release else None
            if is_regression(standing.resolution, received_at=draft.received_at, release=order):
                return f"came back in {order.version}" if order else "came back after it was resolved"
    if standing.silence is not None:
        events, users = standing.event_count + len(tally.drafts), standing.user_count + tally.new_users
        return silence_ended(standing.silence, now=now, events=events, users=users)
    return ""


def _raise_severity(tally: Tally) -> str:
    """An issue is as severe as the worst of its events; only a person or a changed rule lowers it."""
    worst = max((draft.severity for draft in tally.drafts), key=_RANKS.__getitem__)
    if _RANKS[worst] <= _RANKS[tally.standing.severity]:
        return tally.standing.severity
    Issue.objects.filter(pk=tally.standing.id).update(severity=worst)
    return worst


def _settle_priority(tally: Tally, severity: str, *, has_regressed: bool) -> None:
    """Compute the priority again where what it is made of has changed, unless a person has set it."""
    standing = tally.standing
    users = standing.user_count + tally.new_users
    has_many_users_now = standing.user_count < MANY_USERS <= users
    if standing.priority_by or not (severity != standing.severity or has_regressed or has_many_users_now):
        return
    is_regressed = has_regressed or standing.is_regressed
    found = priority_of(severity, standing.category, is_regressed=is_regressed, users=users)
    Issue.objects.filter(pk=standing.id, priority_by="").update(priority=found.value, priority_why=found.why)


def _advance_release(tally: Tally, releases: Releases) -> None:
    newest, last = None, tally.standing.last_release
    for key in {draft.release_key for draft in tally.drafts}:
        release = releases.get(key)
        if release is not None and (last is None or is_after(release.order, last)):
            newest, last = release, release.order
    if newest is not None:
        Issue.objects.filter(pk=tally.standing.id).update(last_release=newest.id)
