from releases.comparing.api import CompareReleases
from releases.notes.api import ReleaseNotes
from tradewatch.core.routes import both

urlpatterns = [
    *both("release/notes/<str:version>", ReleaseNotes.as_view(), "release-notes"),
    *both("release/compare", CompareReleases.as_view(), "release-compare"),
]
