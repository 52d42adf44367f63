from releases.notes.api import ReleaseNotes
from tradewatch.core.routes import both

urlpatterns = [
    *both("release/notes/<str:version>", ReleaseNotes.as_view(), "release-notes"),
]
