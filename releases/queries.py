"""Reads: releases and where clients of them were met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.projects.models import Release, ReleaseSighting


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """`new`: first met in the release; `regressed`: back and last met in it; `resolved`: resolved in it."""

    new: int = 0
    regressed: int = 0
    resolved: int = 0


def releases_of(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Release]:
    rows = Release.objects.filter(project_id__in=project_ids).select_related("project", "detail")
    return rows.filter(sightings__environment=environment) if environment else rows


def places_of(releases: Sequence[Release]) -> Mapping[int, Sequence[str]]:
    """Return {release id: environments, by name}."""
    places: dict[int, list[str]] = {each.pk: [] for each in releases}
    rows = ReleaseSighting.objects.filter(release__in=places).order_by("environment")
    for release_id, name in rows.values_list("release_id", "environment"):
        places[release_id].append(name)
    return places


def releases_named(project_id: int, version: str) -> QuerySet[Release]:
    """Return the release of exactly that version; else those that are it but for a package: `api@2.0.1` of `2.0.1`."""
    rows = Release.objects.filter(project=project_id)
    exact = rows.filter(version=version) if version else rows.none()
    if exact.exists() or not version or "@" in version:
        return exact
    return rows.filter(version__endswith=f"@{version}")


def issue_counts(release_ids: Sequence[int]) -> Mapping[int, IssueCounts]:
    new = _counted(_roots().filter(first_release__in=release_ids), "first_release")
    regressed = _counted(_regressed().filter(last_release__in=release_ids), "last_release")
    resolved = _counted(_resolved().filter(resolved_in_release__in=release_ids), "resolved_in_release")
    return {pk: IssueCounts(new.get(pk, 0), regressed.get(pk, 0), resolved.get(pk, 0)) for pk in release_ids}


def issues_of(release_id: int) -> list[tuple[str, str, QuerySet[Issue]]]:
    """Return (title, what it means, its issues, the most frequent first)."""
    new, regressed, resolved = issues_among([release_id])
    return [
        ("New issues", "first met in it", new),
        ("Regressed", "came back, last met in it", regressed),
        ("Resolved", "resolved in it", resolved),
    ]


def issues_among(release_ids: Sequence[int]) -> tuple[QuerySet[Issue], QuerySet[Issue], QuerySet[Issue]]:
    """Return the new, the regressed and the resolved issues of these releases, the most frequent first."""
    new = _roots().filter(first_release__in=release_ids)
    regressed = _regressed().filter(last_release__in=release_ids)
    resolved = _resolved().filter(resolved_in_release__in=release_ids)
    order = ("-event_count", "-id")
    return new.order_by(*order), regressed.order_by(*order), resolved.order_by(*order)


def _counted(rows: QuerySet[Issue], name: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(name).annotate(Count("pk")))


def _roots() -> QuerySet[Issue]:
    return Issue.objects.filter(merged_into=None, is_simulated=False)


def _regressed() -> QuerySet[Issue]:
    return _roots().filter(is_regressed=True, state=IssueState.UNRESOLVED)


def _resolved() -> QuerySet[Issue]:
    return _roots().filter(state=IssueState.RESOLVED)
