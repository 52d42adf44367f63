"""Issues as the API and others list them: filtered, with what an answer needs loaded at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from tradewatch.core.actors import Actor
from tradewatch.errors.assignees import assigned_to
from tradewatch.errors.models import Bookmark, Issue, TagCount
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.queries import find_issues

PLAIN_FILTERS = ("state", "severity", "category", "priority")
TAG_KEYS, VALUES_A_TAG = 50, 5


def list_issues(
    project_ids: Sequence[int], asked: Mapping[str, Any], actor: Actor, *, now: datetime
) -> QuerySet[Issue]:
    """Return the issues of the projects that fit what was `asked` (see `IssueQuery`), merged ones left out.

    Raises `Invalid` for a bad query or an unknown assignee.
    """
    asking = Asking(project_ids, now=now, user_id=actor.id if actor.kind == "user" else None)
    found = find_issues(asked.get("query", ""), asking, environment=asked.get("environment", ""))
    found = found.filter(**{name: asked[name] for name in PLAIN_FILTERS if name in asked})
    if "assignee" in asked:
        found = found.filter(assigned_to(asked["assignee"], actor))
    if "release" in asked:
        seen = TagCount.objects.filter(issue=OuterRef("pk"), key="release", value=asked["release"])
        found = found.filter(Exists(seen))
    if asked.get("bookmarked") is not None:
        found = found.filter(Q(_bookmark_of(actor)) if asked["bookmarked"] else ~Q(_bookmark_of(actor)))
    return with_all_shown(found, actor)


def with_all_shown(issues: QuerySet[Issue], actor: Actor) -> QuerySet[Issue]:
    """Load what an answer shows of each issue, and whether `actor` has bookmarked it."""
    related = ("project", "first_release", "last_release", "resolved_in_release", "assignee", "assigned_team")
    return issues.select_related(*related).annotate(is_bookmarked=_bookmark_of(actor))


def _bookmark_of(actor: Actor) -> Exists:
    """A token has none; its id may be some person's too."""
    return Exists(Bookmark.objects.filter(issue=OuterRef("pk"), user=actor.id if actor.kind == "user" else 0))


def frequent_tags(issue: Issue) -> list[dict[str, Any]]:
    """Return [{"key", "values": [{"value", "count"}]}]: the five most frequent values of up to 50 tags."""
    place = Window(RowNumber(), partition_by="key", order_by=("-count", "value"))
    rows = TagCount.objects.filter(issue=issue.pk).annotate(place=place).filter(place__lte=VALUES_A_TAG)
    tags: dict[str, list[dict[str, object]]] = {}
    for key, value, count in rows.order_by("key", "place").values_list("key", "value", "count"):
        tags.setdefault(key, []).append({"value": value, "count": count})
    return [{"key": key, "values": values} for key, values in list(tags.items())[:TAG_KEYS]]
