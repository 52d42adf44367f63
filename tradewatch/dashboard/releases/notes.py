"""The page of a release's notes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse

from releases.notes.asked import PRODUCTION, read_asked
from releases.notes.markdown import markdown_of
from releases.notes.queries import asked_notes
from releases.notes.words import summary_of
from tradewatch.dashboard.releases.comparing import compare_link, first_entries
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Release

ENTRIES_SHOWN, MOST_TO_COPY = 500, 300_000


def notes_context(row: Release, scope: Scope, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page shows. Raises `Invalid` for a `previous` of which nothing is known."""
    environment = scope.environment or PRODUCTION
    wanted = {"environment": environment, "previous": parameters.get("previous", "").strip()}
    notes = asked_notes(row.project_id, row.version, read_asked(wanted))
    markdown = markdown_of(notes)
    inside = scope.in_project(row.project) if scope.project is None else scope
    return {
        "release": row,
        "notes": notes,
        "summary": summary_of(notes),
        "markdown": markdown if len(markdown) <= MOST_TO_COPY else "",
        "files": {form: _file(row, {**wanted, "format": form}) for form in ("markdown", "html")},
        "compare": compare_link(inside, notes.previous, row.version) if notes.previous else "",
        **first_entries(notes.sorted.groups, ENTRIES_SHOWN),
    }


def _file(row: Release, wanted: Mapping[str, str]) -> str:
    path = reverse("release-notes", args=["-"]).removesuffix("-") + quote(row.version, safe="")
    return f"{path}?{urlencode({'project': row.project.slug, **{name: each for name, each in wanted.items() if each}})}"
