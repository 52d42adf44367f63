"""Reads the notes of a version: its commits since the one before, and what else is known of it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.conf import settings

from releases.choices import DeploymentState
from releases.commits.links import commit_url, compare_url
from releases.commits.queries import newest_known_of
from releases.commits.ranges import commits_between
from releases.models import Commit, Deployment
from releases.notes.asked import Asked
from releases.notes.grouping import sort_commits
from releases.notes.hosts import issue_url
from releases.notes.plain import plain
from releases.notes.ranges import deployments_called, is_known, names_of, previous_version, releases_called
from releases.notes.values import Contributor, DeployedLine, IssueLine, Notes, Sorted, Told
from releases.queries import issues_among
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.errors.models import Issue
from tradewatch.projects.versions import fault_in_version

ISSUES_SHOWN = 50


def asked_notes(project_id: int, version: str, asked: Asked) -> Notes:
    """Return what was asked. Raises `Unknown` where nothing is known of the version, `Invalid` of the one before it."""
    if fault_in_version(version) or not is_known(project_id, version):
        raise Unknown("nothing is known of such a version")
    if asked.previous and not is_known(project_id, asked.previous):
        raise Invalid("no notes can begin there", errors={"previous": ["nothing is known of such a version"]})
    return notes_of(project_id, version, environment=asked.environment, previous=asked.previous)


def notes_of(project_id: int, version: str, *, environment: str, previous: str = "") -> Notes:
    """Return the notes of `version` since `previous`; without it, since what the environment ran before.

    Where it ran nothing: of all the commits that the version itself was told to have.
    """
    older = previous or previous_version(project_id, version, environment)
    commits = commits_between(project_id, older, version)
    found = sort_commits(told_of(commits))
    names = names_of(project_id, version)
    releases = list(releases_called(project_id, version).values_list("pk", flat=True)[:20])
    new, _, resolved = issues_among(releases)
    return Notes(
        version=version,
        previous=older,
        environment=environment,
        sorted=found,
        contributors=contributors_of(commits, found),
        resolved=_issue_lines(resolved[:ISSUES_SHOWN]),
        new=_issue_lines(new[:ISSUES_SHOWN]),
        deployments=[_deployed(each) for each in deployments_called(project_id, names)],
        compare_url=compared_at_host(project_id, older, version),
    )


def told_of(commits: Iterable[Commit]) -> list[Told]:
    rows = list(commits)
    repositories = {each.repository_id: each.repository for each in rows}
    issues = {pk: issue_url(repository) for pk, repository in repositories.items()}
    return [
        Told(
            sha=each.sha,
            message=each.message,
            parents=tuple(each.parents),
            author=each.author_name or each.author_email.partition("@")[0],
            url=commit_url(repositories[each.repository_id], each.sha),
            issue_url=issues[each.repository_id],
        )
        for each in rows
    ]


def contributors_of(commits: Sequence[Commit], found: Sorted) -> list[Contributor]:
    """Return who wrote the commits, merges left out, the most first."""
    merges = set(found.merges)
    names = Counter(plain(each.author_name, limit=200) for each in commits if each.sha not in merges)
    del names[""]
    return [Contributor(name, number) for name, number in sorted(names.items(), key=lambda each: (-each[1], each[0]))]


def compared_at_host(project_id: int, older: str | None, newer: str) -> str:
    """Return where the host compares the two versions' newest commits; empty where one or the host is not known."""
    start = newest_known_of(project_id, older) if older else None
    end = newest_known_of(project_id, newer) if start else None
    if start is None or end is None or start.repository_id != end.repository_id:
        return ""
    return compare_url(end.repository, start.sha, end.sha)


def _issue_lines(rows: Iterable[Issue]) -> list[IssueLine]:
    return [IssueLine(plain(each.title), f"{settings.PUBLIC_URL}{each.get_absolute_url()}") for each in rows]


def _deployed(row: Deployment) -> DeployedLine:
    return DeployedLine(
        environment=row.environment,
        state=DeploymentState(row.state).label,
        at=row.finished_at or row.started_at,
        by=plain(row.deployed_by, limit=200),
        url=f"{settings.PUBLIC_URL}{row.get_absolute_url()}",
    )
