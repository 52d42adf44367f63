"""The page that holds two releases side by side, and the links that lead there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from releases.choices import DeploymentState
from releases.comparing.asked import read_asked
from releases.comparing.queries import comparison_of
from releases.comparing.values import Comparison
from releases.deployments.queries import deployments_of
from releases.models import Deployment
from releases.notes.asked import PRODUCTION
from releases.notes.ranges import is_known, previous_version
from releases.queries import releases_of
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.performance.changes import Badge, badge_of
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.scope import Scope
from tradewatch.performance.traces.comparing import QUANTILE, Change, Verdict
from tradewatch.performance.traces.queries import TransactionKey
from tradewatch.projects.models import Project, Release

CHOICES, ENTRIES_SHOWN, ENDPOINTS_SHOWN = 200, 100, 30
_UNJUDGED = (Verdict.FEW, Verdict.NEW, Verdict.GONE)


@dataclass(frozen=True, slots=True)
class EndpointLine:
    name: str
    badge: Badge
    change: Change[TransactionKey]
    p95s: tuple[float | None, float | None]


def compare_context(scope: Scope, parameters: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what the page shows: a form, and what was found, or what is missing for that."""
    environment = scope.environment or PRODUCTION
    asked = {"from": parameters.get("from", "").strip(), "to": parameters.get("to", "").strip()}
    context: dict[str, Any] = {"asked": asked, "environment": environment, "found": None, "faults": {}}
    if scope.project is None:
        return context
    context["choices"] = versions_of(scope.project)
    if asked["from"] and asked["to"]:
        context |= _found(scope.project, {**asked, "environment": environment}, now=now)
    return context


def versions_of(project: Project) -> list[str]:
    """Return the versions of its releases and deployments, the newest first."""
    told = releases_of([project.pk]).order_by("-first_seen_at", "-id").values_list("version", "first_seen_at")[:CHOICES]
    deployed = deployments_of([project.pk]).exclude(version="").order_by("-started_at", "-id")
    rows = [*told, *deployed.values_list("version", "started_at")[:CHOICES]]
    return list(dict.fromkeys(version for version, _ in sorted(rows, key=lambda row: row[1], reverse=True)))[:CHOICES]


def compare_link(scope: Scope, older: str, newer: str) -> str:
    return reverse("compare-releases") + scope.query_with({"from": older, "to": newer})


def release_links(row: Release, scope: Scope) -> dict[str, Any]:
    """Return where the release's notes are, and its comparison with what went before."""
    older = previous_version(row.project_id, row.version, scope.environment or PRODUCTION) or _seen_before(row)
    inside = scope.in_project(row.project) if scope.project is None else scope
    return {
        "notes_link": reverse("release-notes-page", args=[row.pk]) + scope.query,
        "compared": {"from": older, "to": row.version, "href": compare_link(inside, older, row.version)}
        if older
        else None,
    }


def deployment_links(asked: Asked) -> Mapping[str, Any]:
    """The section of a deployment's page: the notes of what went out, and its comparison with what was there."""
    row = asked.row
    inside = asked.scope.in_project(row.project).in_environment(row.environment)
    older = _before(row)
    release = releases_of([row.project_id]).filter(version=row.version).first() if row.version else None
    return {
        "notes_link": reverse("release-notes-page", args=[release.pk]) + inside.query if release else "",
        "compared": {"from": older, "to": row.version, "href": compare_link(inside, older, row.version)}
        if older
        else None,
    }


def _before(row: Deployment) -> str:
    """Return what the environment ran before it, where that is another version and both have names."""
    older = row.previous.version if row.previous else ""
    if not older and row.state == DeploymentState.SUCCEEDED and row.version:
        older = previous_version(row.project_id, row.version, row.environment) or ""
    return older if row.version and older != row.version else ""


def _found(project: Project, parameters: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    try:
        asked = read_asked(parameters)
    except Invalid as fault:
        return {"faults": {name: texts[0] for name, texts in fault.errors.items()}}
    named = {"from": asked.older, "to": asked.newer}
    if unknown := {name: "nothing is known of it" for name, each in named.items() if not is_known(project.pk, each)}:
        return {"faults": unknown}
    found = comparison_of(project.pk, asked.older, asked.newer, environment=asked.environment, now=now)
    return {"found": found, **shown(found)}


def shown(found: Comparison) -> dict[str, Any]:
    judged = sum(change.verdict not in _UNJUDGED for change in found.changes)
    return {
        "endpoints": [_line(change, judged) for change in found.changes[:ENDPOINTS_SHOWN]],
        "endpoint_count": len(found.changes),
        "p95s": (found.older.figures.percentile(QUANTILE), found.newer.figures.percentile(QUANTILE)),
        **first_entries(found.notes.sorted.groups),
    }


def first_entries(groups: Sequence[Any], most: int = ENTRIES_SHOWN) -> dict[str, Any]:
    """Return as many entries as a page bears, by group, and how many are left."""
    left, cut = most, []
    for group in groups:
        if left > 0:
            cut.append((group.section, group.entries[:left], len(group.entries)))
        left -= len(group.entries)
    return {"groups": cut, "more": max(-left, 0)}


def _line(change: Change[TransactionKey], judged: int) -> EndpointLine:
    return EndpointLine(change.key.name, badge_of(change, judged=judged), change, (change.p95_before, change.p95_after))


def _seen_before(row: Release) -> str | None:
    """Return the version of its package that was first seen before it."""
    package = row.version.rpartition("@")[0]
    rows = releases_of([row.project_id]).filter(first_seen_at__lt=row.first_seen_at).order_by("-first_seen_at", "-id")
    versions = rows.values_list("version", flat=True)[:CHOICES]
    return next((each for each in versions if each.rpartition("@")[0] == package), None)
