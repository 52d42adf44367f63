"""Releases, deploys, commits, projects as Sentry's API shows them. Values in, values out.

A version is one release there, of several projects; here it is one of each project. Source:
https://docs.sentry.io/api/releases/retrieve-an-organizations-release/
"""

from collections.abc import Sequence
from typing import Any

from releases.models import Commit, Deployment, ReleaseArtifact, Repository
from releases.sentry_cli.facts import Facts
from tradewatch.projects.models import Project
from tradewatch.projects.versions import parse_version

ORGANISATION = "tradewatch"


def release_shape(facts: Sequence[Facts]) -> dict[str, Any]:
    """Return one version. `facts`: of its release in each project, one at least."""
    first = facts[0].release
    details = [each.detail for each in facts if each.detail]
    created = [each.detail.created_at if each.detail else each.release.first_seen_at for each in facts]
    seen = [each.release for each in facts if each.is_seen]
    head = next((each.head for each in facts if each.head), None)
    return {
        "id": first.pk,
        "version": first.version,
        "shortVersion": parse_version(first.version).short,
        "status": "archived" if details and all(each.archived_at for each in details) else "open",
        "ref": next((each.ref for each in details if each.ref), None),
        "url": next((each.url for each in details if each.url), None),
        "dateCreated": min(created),
        "dateReleased": next((each.finalised_at for each in details if each.finalised_at), None),
        "firstEvent": min((each.first_seen_at for each in seen), default=None),
        "lastEvent": max((each.last_seen_at for each in seen), default=None),
        "newGroups": sum(each.new_issues for each in facts),
        "commitCount": max(each.commit_count for each in facts),
        "lastCommit": commit_shape(head) if head else None,
        "projects": [_short(each.release.project) for each in facts],
    }


def commit_shape(commit: Commit) -> dict[str, Any]:
    author = {"name": commit.author_name, "email": commit.author_email}
    return {
        "id": commit.sha,
        "message": commit.message,
        "dateCreated": commit.committed_at,
        "author": author if any(author.values()) else None,
        "repository": {"id": str(commit.repository_id), "name": commit.repository.name},
    }


def deploy_shape(row: Deployment) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "environment": row.environment,
        "name": row.message or None,
        "url": row.url or None,
        "dateStarted": row.started_at,
        "dateFinished": row.finished_at,
    }


def artifact_shape(row: ReleaseArtifact) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "dist": row.dist or None,
        "headers": row.headers,
        "size": row.size,
        "sha1": row.sha1,
        "dateCreated": row.created_at,
    }


def project_shape(project: Project) -> dict[str, Any]:
    return {**_short(project), "dateCreated": project.created_at, "team": None, "teams": [], "status": "active"}


def organisation_shape(first: Project | None) -> dict[str, Any]:
    """`first`: the oldest project; the organisation is as old."""
    return {
        "id": "1",
        "slug": ORGANISATION,
        "name": "TradeWatch",
        "dateCreated": first.created_at if first else "1970-01-01T00:00:00Z",
        "isEarlyAdopter": False,
        "require2FA": False,
        "requireEmailVerification": False,
        "status": {"id": "active", "name": "active"},
        "features": [],
    }


def repository_shape(row: Repository) -> dict[str, Any]:
    """Return a repository. By its provider sentry-cli decides whether `--auto` only names the newest commit.

    It may where TradeWatch reads the repository from the disk. Of any other it has to send the commits themselves,
    which it does for providers that it does not know.
    """
    is_read = bool(row.path and row.url)
    provider = {"id": "git", "name": "Git"} if is_read else {"id": "tradewatch", "name": "As CI tells it"}
    return {
        "id": str(row.pk),
        "name": row.name,
        "url": row.url or None,
        "provider": provider,
        "status": "active",
        "dateCreated": row.created_at,
    }


def _short(project: Project) -> dict[str, Any]:
    return {"id": str(project.pk), "slug": project.slug, "name": project.name, "platform": "python"}
