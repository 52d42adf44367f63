"""Suspect commits: those among what a release brought that touched a file of an error's stack trace."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from releases.commits.matching import Frame, Match, frames_of, matches
from releases.commits.queries import releases_called
from releases.commits.ranges import commits_between
from releases.deployments.queries import deployments_named
from releases.models import Commit, CommitFile, Deployment
from releases.queries import issues_of
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.families import events_of
from tradewatch.errors.models import Event, Issue
from tradewatch.projects.models import Release

MOST_COMMITS = 2_000  # of a range: the newest
MOST_ISSUES = 10  # of a deployment: the most frequent
MOST_SUSPECTS = 5  # of an issue
_CAME_BACK_IN = "Came back in "  # as `errors.moves` says it
_FILES_AT_MOST = 50_000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Suspect:
    """A commit that touched `path`, which stands in the newest event of `issue` at `place`."""

    commit: Commit
    issue: Issue
    path: str
    place: str
    is_ours: bool


def suspects_of_issue(issue: Issue, *, most: int = MOST_SUSPECTS) -> list[Suspect]:
    """Return the suspects in what the release brought with which the issue came, or came back; the likeliest first.

    Our own code before libraries', near where it was raised before far from it, newer before older.
    """
    release = release_to_blame(issue)
    frames = _frames(issue) if release else []
    if release is None or not frames:
        return []
    commits = commits_brought_by(release)[:MOST_COMMITS]
    found = _suspects(commits, _paths_of(commits), issue, frames)
    return [suspect for _, suspect in sorted(found, key=lambda each: each[0])[:most]]


def release_to_blame(issue: Issue) -> Release | None:
    """Return the release with which the issue came back, where it did; else with which it came."""
    if not issue.is_regressed:
        return issue.first_release
    back = issue.activity.filter(kind=ActivityKind.REGRESSED).order_by("-id").first()
    version = back.text.removeprefix(_CAME_BACK_IN) if back and back.text.startswith(_CAME_BACK_IN) else ""
    named = Release.objects.filter(project=issue.project_id, version=version).first() if version else None
    return named or issue.last_release


def suspects_of_deployment(deployment: Deployment, commits: Sequence[Commit] | None = None) -> list[Suspect]:
    """Return the suspects of the issues that came, or came back, with the deployed version; the likeliest first.

    One for each commit: of the issue in whose trace it stands most tellingly. `commits`: what it brought, where that is
    known already.
    """
    brought = commits_of_deployment(deployment) if commits is None else commits
    return _suspects_among(brought, releases_called(deployment.project_id, deployment.version) if brought else [])


def suspects_of_release(release: Release, commits: Sequence[Commit]) -> list[Suspect]:
    """Return the suspects among a release's commits, as those of a deployment."""
    return _suspects_among(commits, [release] if commits else [])


def commits_of_deployment(deployment: Deployment) -> list[Commit]:
    """Return what a deployment brought: since what ran there before it, the newest first."""
    if not deployment.version:
        return []
    before = deployment.previous.version if deployment.previous else ""
    return commits_between(deployment.project_id, before or None, deployment.version)


def commits_brought_by(release: Release) -> list[Commit]:
    """Return what a release brought where it was first deployed; where that is not known, what it is made of."""
    first = deployments_named(release).order_by("started_at", "id").first()
    before = first.previous.version if first and first.previous else ""
    brought = commits_between(release.project_id, before, release.version) if before else []
    return brought or commits_between(release.project_id, None, release.version)


Rank = tuple[bool, int, int, int]  # of a match, then how many newer commits there are


def _suspects_among(commits: Sequence[Commit], releases: Iterable[Release]) -> list[Suspect]:
    newest = commits[:MOST_COMMITS]
    paths = _paths_of(newest)
    found = [
        (rank[0], at, rank, suspect)
        for at, issue in enumerate(_issues_of(releases) if paths else [])
        for rank, suspect in _suspects(newest, paths, issue, _frames(issue))
    ]
    by_commit: dict[int, Suspect] = {}
    for *_, suspect in sorted(found, key=lambda each: each[:3]):  # our own code, then the most frequent issue
        by_commit.setdefault(suspect.commit.pk, suspect)
    return list(by_commit.values())


def _suspects(
    commits: Sequence[Commit], paths: Mapping[int, Sequence[str]], issue: Issue, frames: Sequence[Frame]
) -> list[tuple[Rank, Suspect]]:
    touched = {path for each in paths.values() for path in each}
    in_trace = matches(touched, frames)
    found = []
    for at, commit in enumerate(commits):
        own = [in_trace[path] for path in paths.get(commit.pk, ()) if path in in_trace]
        if own:
            best = min(own, key=lambda match: match.rank)
            found.append(((*best.rank, at), _suspect(commit, issue, best)))
    return found


def _suspect(commit: Commit, issue: Issue, match: Match) -> Suspect:
    return Suspect(commit, issue, match.path, match.frame.place, match.frame.is_ours)


def _paths_of(commits: Sequence[Commit]) -> dict[int, list[str]]:
    """Return {commit id: its paths}."""
    paths: dict[int, list[str]] = {}
    ids = [commit.pk for commit in commits]
    for start in range(0, len(ids), _AT_ONCE):
        rows = CommitFile.objects.filter(commit__in=ids[start : start + _AT_ONCE]).order_by()
        for commit_id, path in rows.values_list("commit_id", "path")[:_FILES_AT_MOST]:
            paths.setdefault(commit_id, []).append(path)
    return paths


def _frames(issue: Issue) -> list[Frame]:
    """Return the frames of the issue's newest event."""
    newest: Event | None = events_of(issue).select_related("stored").order_by("-timestamp", "-pk").first()
    return frames_of(newest.payload) if newest and hasattr(newest, "stored") else []


def _issues_of(releases: Iterable[Release]) -> list[Issue]:
    """Return the issues that came, or came back, with the releases, the most frequent first."""
    found: dict[int, Issue] = {}
    for release in releases:
        for _, _, rows in issues_of(release.pk)[:2]:  # new, and back
            found |= {issue.pk: issue for issue in rows[:MOST_ISSUES]}
    return sorted(found.values(), key=lambda issue: (-issue.event_count, -issue.pk))[:MOST_ISSUES]
