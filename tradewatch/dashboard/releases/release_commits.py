"""What a release is made of, as its page shows it."""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from releases.commits.queries import commits_known_of
from releases.commits.suspects import suspects_of_release
from tradewatch.dashboard.releases.commits import KEPT_SECONDS, Section, section_of, shows_all
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Release


def release_commits(row: Release, scope: Scope, parameters: Mapping[str, str]) -> dict[str, Any]:
    whole = shows_all(parameters)
    key = f"release-commits:{row.pk}:{whole}"
    found: Section | None = cache.get(key)
    if found is None:
        commits = commits_known_of(row.project_id, row.version)
        found = section_of(commits, suspects_of_release(row, commits), since="", base=None, shows_all=whole)
        cache.set(key, found, KEPT_SECONDS)
    return {"commits": found, "all_commits": scope.query_with({"commits": "all"})}
