"""The list's choice between releases in use and archived ones."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from releases.details.queries import archived, shown
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Release

_ARCHIVED = {"archived": "true"}


def chosen(rows: QuerySet[Release], asked: Mapping[str, str]) -> QuerySet[Release]:
    return archived(rows) if _is_archive(asked) else shown(rows)


def archive_choice(scope: Scope, asked: Mapping[str, str], next_cursor: str | None) -> dict[str, Any]:
    """Return which of the two is shown, and where the other and the next page are."""
    path, kept = reverse("releases"), _ARCHIVED if _is_archive(asked) else {}
    return {
        "is_archive": bool(kept),
        "archive_href": path + scope.query_with(_ARCHIVED),
        "older_href": path + scope.query_with({**kept, "cursor": next_cursor or ""}),
    }


def _is_archive(asked: Mapping[str, str]) -> bool:
    return asked.get("archived") == "true"
