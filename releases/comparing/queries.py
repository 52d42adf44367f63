"""Reads what two versions have and did."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil

from releases.commits.ranges import commits_between
from releases.comparing.steps import release_of, releases_up_to
from releases.comparing.stretches import time_in
from releases.comparing.values import Comparison, IssueGroup, Side
from releases.deployments.queries import deployments_of
from releases.health.figures import Health
from releases.health.queries import health_of
from releases.notes.queries import notes_of
from releases.notes.ranges import names_of
from releases.queries import issues_among
from releases.verdicts.queries import with_looks
from tradewatch.core.windows import Window
from tradewatch.performance.traces.comparing import Change, compare
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey, by_transaction, overall

ISSUES_SHOWN, DEPLOYMENTS_SHOWN = 20, 10


def comparison_of(project_id: int, older: str, newer: str, *, environment: str, now: datetime) -> Comparison:
    sides = [_side(project_id, version, environment, now=now) for version in (older, newer)]
    steps = releases_up_to(project_id, sides[0].release, sides[1].release)
    return Comparison(
        environment=environment,
        older=sides[0],
        newer=sides[1],
        notes=notes_of(project_id, newer, environment=environment, previous=older),
        behind=len(commits_between(project_id, newer, older)),
        steps=[row.version for row in steps],
        issues=_issues([row.pk for row in steps]),
        changes=_changes(project_id, sides, environment),
    )


def _side(project_id: int, version: str, environment: str, *, now: datetime) -> Side:
    release = release_of(project_id, version)
    time = time_in(project_id, version, release, environment, now=now)
    rows = deployments_of([project_id], environment).filter(version__in=names_of(project_id, version))
    health, figures = Health(), Figures()
    if release and time:
        health = health_of(project_id, [release.pk], time, environment)[release.pk]
        figures = overall([project_id], *_epochs(time), environment=environment, release=release.version)
    shown = with_looks(rows.order_by("-started_at", "-id"))[:DEPLOYMENTS_SHOWN]
    return Side(version, release, time, health, figures, list(shown), is_running=bool(time and time.end == now))


def _changes(project_id: int, sides: Sequence[Side], environment: str) -> list[Change[TransactionKey]]:
    before, after = (
        by_transaction([project_id], *_epochs(side.time), environment=environment, release=side.release.version)
        if side.release and side.time
        else {}
        for side in sides
    )
    return compare(before, after)


def _issues(release_ids: Sequence[int]) -> list[IssueGroup]:
    words = (
        ("New", "first met in them"),
        ("Regressed", "came back, last met in them"),
        ("Resolved", "resolved in them"),
    )
    return [
        IssueGroup(title, meaning, list(rows[:ISSUES_SHOWN]), rows.count())
        for (title, meaning), rows in zip(words, issues_among(release_ids), strict=True)
    ]


def _epochs(time: Window) -> tuple[int, int]:
    return int(time.start.timestamp()), ceil(time.end.timestamp() / 60) * 60
