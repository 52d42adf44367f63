"""What the API answers of a release beyond its health, as plain values."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from releases.artifacts.queries import artifacts_of, bytes_of
from releases.commits.queries import authors_of, listed_releases, release_commits
from releases.models import ReleaseDetail
from tradewatch.projects.models import Release

ARTIFACTS_SHOWN = 200


def told_of(release: Release, detail: ReleaseDetail | None) -> dict[str, Any]:
    """Return what `ReleaseTold` describes; `detail` None: nobody told anything of it."""
    return {
        "id": release.pk,
        "project": release.project.slug,
        "version": release.version,
        "ref": detail.ref if detail else "",
        "url": detail.url if detail else "",
        "page_url": f"{settings.PUBLIC_URL}{reverse('release', args=[release.pk])}",
        "created_at": detail.created_at if detail else None,
        "created_by": detail.created_by if detail else "",
        "finalised_at": detail.finalised_at if detail else None,
        "archived_at": detail.archived_at if detail else None,
    }


def answer_of(release: Release) -> dict[str, Any]:
    """Return what `OneReleaseAnswer` describes, without its health."""
    commits = release_commits(listed_releases(release.project_id, release.version))
    return {
        **told_of(release, ReleaseDetail.objects.filter(release=release).first()),
        "commits": commits.count(),
        "authors": authors_of(commits),
        "artifacts": list(artifacts_of([release])[:ARTIFACTS_SHOWN]),
        "artifact_bytes": bytes_of(release),
    }
