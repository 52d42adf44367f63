"""Under /api/0/, with a slash at the end as sentry-cli writes them, and without."""

from django.urls import path

from releases.sentry_cli.deploys import Deploys
from releases.sentry_cli.files import Files, OneFile
from releases.sentry_cli.organisations import NothingHere, Organisations, Projects, Repositories, WhoAsks
from releases.sentry_cli.releases import OneRelease, PreviousWithCommits, ReleaseCommits, Releases, ReleasesOfProject
from releases.sentry_cli.uploads import AssembleBundle, AssembleRelease, ChunkUpload
from tradewatch.core.routes import both

_ORG = "api/0/organizations/<str:org>"
_VERSION = f"{_ORG}/releases/<str:version>"
_PROJECT = "api/0/projects/<str:org>/<str:project>/releases"

urlpatterns = [
    *both("api/0", WhoAsks.as_view(), "sentry-cli"),
    *both("api/0/organizations", Organisations.as_view(), "sentry-cli-organisations"),
    *both(f"{_ORG}/projects", Projects.as_view(), "sentry-cli-projects"),
    *both(f"{_ORG}/repos", Repositories.as_view(), "sentry-cli-repositories"),
    *both(f"{_ORG}/releases", Releases.as_view(), "sentry-cli-releases"),
    *both(_PROJECT, ReleasesOfProject.as_view(), "sentry-cli-project-releases"),
    *both(f"{_ORG}/chunk-upload", ChunkUpload.as_view(), "sentry-cli-chunk-upload"),
    *both(f"{_ORG}/artifactbundle/assemble", AssembleBundle.as_view(), "sentry-cli-assemble-bundle"),
    *both(f"{_VERSION}/assemble", AssembleRelease.as_view(), "sentry-cli-assemble-release"),
    *both(f"{_VERSION}/files", Files.as_view(), "sentry-cli-files"),
    *both(f"{_VERSION}/files/<int:file_id>", OneFile.as_view(), "sentry-cli-file"),
    *both(f"{_PROJECT}/<str:version>/commits", ReleaseCommits.as_view(), "sentry-cli-project-commits"),
    *both(f"{_PROJECT}/<str:version>", OneRelease.as_view(), "sentry-cli-project-release"),
    *both(f"{_PROJECT}/<str:version>/files", Files.as_view(), "sentry-cli-project-files"),
    *both(f"{_PROJECT}/<str:version>/files/<int:file_id>", OneFile.as_view(), "sentry-cli-project-file"),
    *both(f"{_VERSION}/deploys", Deploys.as_view(), "sentry-cli-deploys"),
    *both(f"{_VERSION}/commits", ReleaseCommits.as_view(), "sentry-cli-commits"),
    *both(f"{_VERSION}/previous-with-commits", PreviousWithCommits.as_view(), "sentry-cli-previous"),
    *both(_VERSION, OneRelease.as_view(), "sentry-cli-release"),
    path("api/0/<path:rest>", NothingHere.as_view(), name="sentry-cli-nothing"),
]
