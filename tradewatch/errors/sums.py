"""Adds a merged issue's counters to those above it, and takes them out again, exactly. In the caller's transaction,
with the project's families closed: no event is counted meanwhile.
"""

from collections.abc import Sequence

from django.db.models import F, Max, Min

from tradewatch.core import bulk
from tradewatch.errors.faces import Face, combine, from_json, to_json, worst_of
from tradewatch.errors.families import family_ids
from tradewatch.errors.models import Event, Issue, IssueUser, TagCount
from tradewatch.errors.priorities import priority_of
from tradewatch.errors.rollups import issue_series_name
from tradewatch.projects.models import Release
from tradewatch.projects.releases import ReleaseOrder

_TAG_KEY = ("issue_id", "key", "value")
_BUCKET_KEY = ("project_id", "environment", "series", "resolution", "start")


def add_to(target: Issue, member: Issue) -> None:
    """Add the counters of `member` to those of `target`, which nothing is above. The pointer is set already."""
    source, destination = {"issue_id": member.pk}, {"issue_id": target.pk}
    bulk.add_copies(
        "errors_tagcount", _TAG_KEY, ("count",), latest=("last_seen_at",), source=source, target=destination
    )
    bulk.add_copies(
        "metrics_counter", _BUCKET_KEY, ("count", "weighted"), source=_buckets(member), target=_buckets(target)
    )
    if not target.has_members:
        Issue.objects.filter(pk=target.pk).update(has_members=True, own_face=to_json(_face(target)))
    _move_counters(target.pk, member, sign=1)
    _show(target.pk, combine([_face(target), _face(member)], _orders([target, member])))


def take_out_of(above: Sequence[Issue], member: Issue) -> None:
    """Take the counters of `member` out of those `above` it, the nearest first. The pointer is gone already."""
    for target in above:
        source, destination = {"issue_id": member.pk}, {"issue_id": target.pk}
        bulk.take_out_copies("errors_tagcount", _TAG_KEY, ("count",), source=source, target=destination)
        bulk.take_out_copies(
            "metrics_counter", _BUCKET_KEY, ("count", "weighted"), source=_buckets(member), target=_buckets(target)
        )
        _move_counters(target.pk, member, sign=-1)
        members = list(Issue.objects.filter(merged_into=target.pk))
        own = _own_face(target)
        orders = _orders([target, *members], further=own.last_release)
        _show(target.pk, combine([own, *(_face(each) for each in members)], orders))
        if not members:
            Issue.objects.filter(pk=target.pk).update(has_members=False, own_face=None)


def _move_counters(target_id: int, member: Issue, *, sign: int) -> None:
    """Users are a union, not a sum: they are counted again over the family."""
    target = Issue.objects.get(pk=target_id)
    users = IssueUser.objects.filter(issue__in=family_ids(target)).values("user_hash").distinct().count()
    Issue.objects.filter(pk=target_id).update(
        event_count=F("event_count") + sign * member.event_count,
        dropped_count=F("dropped_count") + sign * member.dropped_count,
        user_count=users,
    )


def _show(issue_id: int, face: Face) -> None:
    issue = Issue.objects.get(pk=issue_id)
    issue.first_seen_at, issue.last_seen_at, issue.severity = face.first_seen_at, face.last_seen_at, face.severity
    issue.first_release_id, issue.last_release_id = face.first_release, face.last_release
    if not issue.priority_by:
        computed = priority_of(issue.severity, issue.category, is_regressed=issue.is_regressed, users=issue.user_count)
        issue.priority, issue.priority_why = computed.value, computed.why
    issue.save(
        update_fields=[
            *("first_seen_at", "last_seen_at", "severity", "first_release", "last_release"),
            *("priority", "priority_why"),
        ]
    )


def _face(issue: Issue) -> Face:
    return Face(issue.first_seen_at, issue.last_seen_at, issue.severity, issue.first_release_id, issue.last_release_id)


def _own_face(issue: Issue) -> Face:
    """Return what the issue would show without members: what it showed before the first of them, and its events since.

    Severities and releases are read from the tags that are left.
    """
    before = from_json(issue.own_face) if issue.own_face else _face(issue)
    since = Event.objects.filter(issue=issue.pk, is_simulated=False).aggregate(
        first=Min("timestamp"), last=Max("timestamp")
    )
    tags = TagCount.objects.filter(issue=issue.pk)
    levels = tags.filter(key="level").values_list("value", flat=True)
    released = Release.objects.filter(
        project=issue.project_id, version__in=tags.filter(key="release").values_list("value", flat=True)
    )
    newest = combine(
        [Face(before.first_seen_at, before.last_seen_at, before.severity, last_release=each.pk) for each in released]
        or [before],
        {each.pk: _order(each) for each in released},
    )
    return Face(
        first_seen_at=min(filter(None, (before.first_seen_at, since["first"]))),
        last_seen_at=max(filter(None, (before.last_seen_at, since["last"]))),
        severity=worst_of((before.severity, *levels)),
        first_release=before.first_release,
        last_release=newest.last_release or before.last_release,
    )


def _orders(issues: Sequence[Issue], *, further: int | None = None) -> dict[int, ReleaseOrder]:
    named = {pk for pk in (*(each.last_release_id for each in issues), further) if pk is not None}
    return {each.pk: _order(each) for each in Release.objects.filter(pk__in=named)}


def _order(release: Release) -> ReleaseOrder:
    return ReleaseOrder(release.version, release.order_key, release.first_seen_at)


def _buckets(issue: Issue) -> dict[str, object]:
    return {"project_id": issue.project_id, "series": issue_series_name(issue.pk)}
