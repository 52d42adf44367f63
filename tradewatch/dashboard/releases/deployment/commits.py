"""What a deployment brought: its commits since what ran there before, those in the traces of its issues first."""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from releases.commits.queries import commits_known_of
from releases.commits.suspects import commits_of_deployment, suspects_of_deployment
from releases.models import Deployment
from tradewatch.dashboard.releases.commits import KEPT_SECONDS, Section, section_of, shows_all
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.projects.versions import parse_version


def commits(asked: Asked) -> Mapping[str, Any]:
    row, whole = asked.row, shows_all(asked.parameters)
    key = f"deployment-commits:{row.pk}:{row.previous_id}:{whole}"
    found: Section | None = cache.get(key)
    if found is None:
        found = commits_section(row, whole=whole)
        cache.set(key, found, KEPT_SECONDS)
    return {"commits": found, "all_commits": asked.scope.query_with({"commits": "all"})}


def commits_section(row: Deployment, *, whole: bool) -> Section:
    brought = commits_of_deployment(row)
    before = row.previous.version if row.previous else ""
    base = commits_known_of(row.project_id, before)[:1] if brought and before else []
    return section_of(
        brought,
        suspects_of_deployment(row, brought),
        since=parse_version(before).short if before else "",
        base=base[0] if base else None,
        shows_all=whole,
    )
