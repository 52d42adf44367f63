"""Releases of our own API, and what is told of them."""

from releases.details import api
from tradewatch.core.routes import both

_ONE = "release/releases/<int:release_id>"

urlpatterns = [
    *both("release/releases", api.Releases.as_view(), "release-releases"),
    *both(_ONE, api.OneRelease.as_view(), "release-release"),
    *both(f"{_ONE}/finalise", api.FinaliseRelease.as_view(), "release-finalise"),
    *both(f"{_ONE}/reopen", api.ReopenRelease.as_view(), "release-reopen"),
    *both(f"{_ONE}/archive", api.ArchiveRelease.as_view(), "release-archive"),
    *both(f"{_ONE}/restore", api.RestoreRelease.as_view(), "release-restore"),
    *both(f"{_ONE}/artifacts/<int:artifact_id>", api.Artifact.as_view(), "release-artifact"),
]
