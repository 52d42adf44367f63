"""Two versions in production with what was told and measured of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.models import Deployment
from tests.dashboard.builders import make_issue
from tests.performance.traces.builders import make_row
from tests.projects.builders import make_project
from tests.releases.builders import make_deployment, see
from tests.releases.commits.builders import draft, make_release
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.sessions import CRASHED, SESSIONS, of_release
from tradewatch.performance.traces.counting import add_transactions
from tradewatch.projects.models import Release

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Told:
    older: Deployment
    newer: Deployment
    new: Issue
    resolved: Issue


def send(version: str, name: str, seconds: Sequence[float], failed: int, at: datetime) -> None:
    project_id = make_project().pk
    add_transactions(
        [
            make_row(
                at.timestamp(), seconds=each, name=name, release=version, project_id=project_id, is_failed=n < failed
            )
            for n, each in enumerate(seconds)
        ],
        now=at,
    )


def run_sessions(version: str, sessions: int, crashed: int, at: datetime) -> None:
    release = Release.objects.get(version=version)
    for name, number in ((SESSIONS, sessions), (CRASHED, crashed)):
        for series in (name, of_release(release.pk, name)):
            add_counts([CountRow(release.project_id, "production", series, at.timestamp(), number, number)])


def tell(now: datetime) -> Told:
    """api@2.0.0 ran from five hours ago, api@2.0.1 since two hours ago: slower, failing, with a new issue."""
    make_release("2.0.0", draft("a"))
    message = "feat(risk)!: margin per desk (#12)\n\nBREAKING CHANGE: limits moved"
    make_release(
        "2.0.1", draft("c", "b", minute=2, message="fix: round to the tick"), draft("b", "a", minute=1, message=message)
    )
    older = make_deployment("2.0.0", started_at=now - 5 * HOUR)
    newer = make_deployment("2.0.1", started_at=now - 2 * HOUR, previous=older)
    for version, at, slow, failed, crashed in (
        ("api@2.0.0", now - 4 * HOUR, 0.1, 1, 1),
        ("api@2.0.1", now - HOUR, 0.4, 40, 20),
    ):
        see(version, at=at)
        send(version, "POST /orders", [slow] * 200, failed, at)
        send(version, "GET /quotes", [0.05] * 200, 0, at)
        run_sessions(version, 100, crashed, at)
    send("api@2.0.0", "POST /orders", [9.0] * 200, 200, now - HOUR)  # clients that were late: past its time
    release = Release.objects.get(version="api@2.0.1")
    return Told(
        older,
        newer,
        make_issue(make_project(), title="MarginCheckError", first_release=release),
        make_issue(make_project(), title="Gone", state=IssueState.RESOLVED, resolved_in_release=release),
    )
