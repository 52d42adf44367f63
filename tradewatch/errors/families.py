"""Which issues belong together by merging.

A merged issue is a member of its target, which may be a member itself. Each keeps the hashes and events that are its
own; the counters of an issue are the sums of its own and of all below it. Digesting and merging of one project exclude
each other (`hold_families`, `close_families`), so a batch sees families that do not change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from tradewatch.core import bulk
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.standings import Standing, read_standings
from tradewatch.projects.models import Project


def family_ids(issue: Issue) -> list[int]:
    """Return the ids of the issue and of all below it: those whose events it shows."""
    return all_below([issue.pk]) if issue.has_members else [issue.pk]


def events_of(issue: Issue) -> QuerySet[Event]:
    """Return the events that count for the issue: its own and its members', without simulated ones.

    An issue that is simulated itself has none but those.
    """
    found = all_events_of(issue)
    return found if issue.is_simulated else found.filter(is_simulated=False)


def all_events_of(issue: Issue) -> QuerySet[Event]:
    """Return the events that the issue shows, simulated ones too, which are marked wherever they stand."""
    if not issue.has_members:
        return Event.objects.filter(issue=issue.pk)
    return Event.objects.filter(issue__in=family_ids(issue))


def root_of(issue: Issue) -> Issue:
    """Return the issue that speaks for this one: itself unless it is merged."""
    while issue.merged_into_id is not None:
        issue = Issue.objects.select_related("project").get(pk=issue.merged_into_id)
    return issue


def issues_above(issue: Issue) -> list[Issue]:
    """Return the issues that `issue` is part of, the nearest first."""
    above: list[Issue] = []
    while issue.merged_into_id is not None:
        issue = Issue.objects.get(pk=issue.merged_into_id)
        above.append(issue)
    return above


def hold_families(project_ids: Iterable[int]) -> None:
    """Keep the projects' families as they are until the transaction ends. Digests do not wait for each other here."""
    bulk.hold_rows("projects_project", sorted(set(project_ids)))


def close_families(project_id: int) -> None:
    """Wait for the digests of the project and keep further ones waiting until the transaction ends."""
    Project.objects.select_for_update().values_list("pk").get(pk=project_id)


@dataclass(frozen=True, slots=True)
class Families:
    """The families that a batch meets; empty when none of its issues is merged or has members.

    `above` {issue: those above it, the root last}, for members. `below` {issue: itself and all below it}, for those
    with members.
    """

    standings: Mapping[int, Standing] = field(default_factory=dict)
    above: Mapping[int, Sequence[int]] = field(default_factory=dict)
    below: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def line_of(self, issue_id: int) -> Sequence[int]:
        """Return the issues into which an event of this one counts."""
        return (issue_id, *self.above.get(issue_id, ()))

    def root_of(self, standing: Standing) -> Standing:
        above = self.above.get(standing.id)
        return self.standings[above[-1]] if above else standing


NO_FAMILIES = Families()


def read_families(standings: Sequence[Standing]) -> Families:
    """Return the families of the batch's issues. Asks nothing when they are ordinary ones."""
    if not any(each.merged_into_id is not None or each.has_members for each in standings):
        return NO_FAMILIES
    known = {each.id: each for each in standings}
    while missing := {each.merged_into_id for each in known.values() if each.merged_into_id is not None} - set(known):
        known.update(read_standings(missing))
    with_members = sorted(each.id for each in known.values() if each.has_members)
    # Two digests that bring one user to two members must not both count it into the target.
    list(Issue.objects.select_for_update(no_key=True).filter(pk__in=with_members).order_by("pk").values_list("pk"))
    return Families(
        standings=known,
        above={each.id: _above(each, known) for each in known.values() if each.merged_into_id is not None},
        below={issue_id: frozenset(all_below([issue_id])) for issue_id in with_members},
    )


def _above(standing: Standing, known: Mapping[int, Standing]) -> tuple[int, ...]:
    above: list[int] = []
    while standing.merged_into_id is not None:
        standing = known[standing.merged_into_id]
        above.append(standing.id)
    return tuple(above)


def all_below(ids: list[int]) -> list[int]:
    """Return the ids and those of all issues merged into them."""
    found = list(ids)
    while ids := list(Issue.objects.filter(merged_into__in=ids).order_by("pk").values_list("pk", flat=True)):
        found += ids
    return found
