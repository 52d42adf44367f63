"""Reads: which commits a version is made of, as it was told or read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, prefetch_related_objects

from releases.commits.drafts import SHA
from releases.models import Commit, CommitFile, Deployment, ReleaseCommit
from tradewatch.projects.models import Release


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    email: str
    commits: int


def listed_releases(project_id: int, version: str) -> list[Release]:
    """Return the releases whose list tells what a version is made of: of exactly that version, else with a package.

    CI tells of `2.0.1` what clients send as `api@2.0.1`, and the other way round.
    """
    if not version:
        return []
    rows = Release.objects.filter(project=project_id)
    bare = version.rpartition("@")[2]
    packaged = rows.none() if "@" in version else rows.filter(version__endswith=f"@{version}")
    for found in (rows.filter(version=version), packaged, rows.filter(version=bare)):
        if listed := list(found.exclude(release_commits=None).distinct()):
            return listed
    return []


def releases_called(project_id: int, version: str) -> list[Release]:
    """Return the releases of a version, those with a package too: CI may have told of `2.0.1` before a client sent
    anything of `api@2.0.1`."""
    is_it = Q(version=version) if "@" in version else Q(version=version) | Q(version__endswith=f"@{version}")
    return list(Release.objects.filter(is_it, project=project_id)) if version else []


def commits_listed(releases: Iterable[Release]) -> list[Commit]:
    """Return the lists of these releases, one after the other, each the newest first."""
    wanted = {row.pk: at for at, row in enumerate(releases)}
    if not wanted:
        return []
    places = ReleaseCommit.objects.filter(release__in=wanted).values_list("release_id", "position", "commit_id")
    commits = {row.pk: row for row in Commit.objects.filter(release_commits__release__in=wanted)}
    # One repository for all of its commits: joined to each, a third of the time goes into making it again.
    prefetch_related_objects(list(commits.values()), "repository")
    ordered = sorted(places, key=lambda place: (wanted[place[0]], place[1]))
    return [commits[commit_id] for *_, commit_id in ordered]


def commits_known_of(project_id: int, version: str) -> list[Commit]:
    """Return what is known of a version: its release's list in its order, else the one commit that it was built of."""
    if found := commits_listed(listed_releases(project_id, version)):
        return found
    shas = [version, *_deployed(project_id, version)] if version else []
    return next((named for sha in shas if (named := _named_by(project_id, sha))), [])


def newest_known_of(project_id: int, version: str) -> Commit | None:
    """Return the first of what is known of a version."""
    releases = listed_releases(project_id, version)[:1]
    if not releases:
        return next(iter(commits_known_of(project_id, version)), None)
    row = release_commits(releases).order_by("position").first()
    return row.commit if row else None


def release_commits(releases: Sequence[Release]) -> QuerySet[ReleaseCommit]:
    return ReleaseCommit.objects.filter(release__in=releases).select_related("commit__repository", "release")


def authors_of(rows: QuerySet[ReleaseCommit]) -> list[Author]:
    """Return who wrote these commits, whoever wrote most first; by address, else by name."""
    counted = rows.order_by().values_list("commit__author_name", "commit__author_email").annotate(Count("pk"))
    by_key: dict[str, Author] = {}
    for name, email, count in counted:
        known = by_key.get(email.lower() or name)
        by_key[email.lower() or name] = Author(
            name if known is None or count > known.commits else known.name,
            email,
            count + (known.commits if known else 0),
        )
    return sorted(by_key.values(), key=lambda each: (-each.commits, each.name))


def files_of(commits: Sequence[Commit], *, most: int = 5_000) -> dict[int, list[CommitFile]]:
    """Return {commit id: its files, by path}, of so many files in all."""
    files: dict[int, list[CommitFile]] = {commit.pk: [] for commit in commits}
    for row in CommitFile.objects.filter(commit__in=files).order_by("commit", "path")[:most]:
        files[row.commit_id].append(row)
    return files


def _deployed(project_id: int, version: str) -> list[str]:
    """Return the commits that deployments of the version named, the last first."""
    rows = Deployment.objects.filter(project=project_id, version=version).exclude(commit="")
    return list(rows.order_by("-started_at", "-id").values_list("commit", flat=True)[:5])


def _named_by(project_id: int, sha: str) -> list[Commit]:
    """Return the commit that a hash names, or its first seven digits or more; none where two begin with them."""
    if not SHA.fullmatch(sha.lower()):
        return []
    rows = Commit.objects.filter(repository__project=project_id, sha__startswith=sha.lower())
    found = list(rows.select_related("repository")[:2])
    return found if len(found) == 1 else []
