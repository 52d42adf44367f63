"""The rows that a report is made of."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Exists, Min, OuterRef

from alerts.choices import DeliveryEvent, DeliveryState
from alerts.models import CONFIGURED, Alert, GroupMember, Notification, NotificationChannel
from alerts.replay.nights import Night
from alerts.reports.figures import AlertFigures, Page, PastAlert, figures_of
from tradewatch.core.people import name_of

MOST_ROWS = 20_000  # of a report: it says so where there were more
GROUPS_A_QUERY = 900
_PAGES = (DeliveryEvent.FIRING, DeliveryEvent.REMINDER)
_ARRIVED = (DeliveryState.SENT, DeliveryState.UNKNOWN)


def read_report(project_ids: Sequence[int], since: datetime, until: datetime, *, night: Night) -> AlertFigures:
    """Return the figures of the alerts that began in [since, until) and of the messages that left in it."""
    return figures_of(read_alerts(project_ids, since, until), read_pages(project_ids, since, until), night=night)


def read_alerts(project_ids: Sequence[int], since: datetime, until: datetime) -> list[PastAlert]:
    told = GroupMember.objects.filter(alert=OuterRef("pk"), told_sequence__isnull=False)
    rows = Alert.objects.filter(project_id__in=project_ids, simulated="", starts_at__gte=since, starts_at__lt=until)
    found = rows.annotate(was_told=Exists(told)).values_list(
        "rule__name", "source", "starts_at", "acknowledged_at", "resolved_at", "was_told"
    )
    return [
        PastAlert(
            rule=rule or source,
            starts_at=starts_at,
            acknowledged_at=acknowledged_at,
            resolved_at=resolved_at,
            was_told=was_told,
        )
        for rule, source, starts_at, acknowledged_at, resolved_at, was_told in found.order_by("-starts_at")[:MOST_ROWS]
    ]


def read_pages(project_ids: Sequence[int], since: datetime, until: datetime) -> list[Page]:
    """Return each message that reached somebody, or may have. A group counts for the rule of its first alert."""
    rows = Notification.objects.filter(
        group__project_id__in=project_ids,
        group__simulated="",
        event__in=_PAGES,
        state__in=_ARRIVED,
        created_at__gte=since,
        created_at__lt=until,
    ).order_by("-created_at")
    sent = list(rows.values_list("group_id", "user_id", "channel", "target", "created_at")[:MOST_ROWS])
    rules = _rules_of({group_id for group_id, *_ in sent})
    people = {user.pk: name_of(user) for user in get_user_model().objects.filter(pk__in={row[1] for row in sent})}
    channels = {str(pk): name for pk, name in NotificationChannel.objects.values_list("pk", "name")}
    return [
        Page(
            person=people.get(user_id or 0) or (channels.get(target, target) if channel == CONFIGURED else target),
            at=at,
            rule=rules.get(group_id, ""),
        )
        for group_id, user_id, channel, target, at in sent
    ]


def _rules_of(group_ids: set[int]) -> dict[int, str]:
    """Return the rule, or the source, of each group's first alert."""
    found: dict[int, str] = {}
    wanted = sorted(group_ids)
    for start in range(0, len(wanted), GROUPS_A_QUERY):
        of_groups = GroupMember.objects.filter(group__in=wanted[start : start + GROUPS_A_QUERY]).order_by()
        firsts = of_groups.values("group_id").annotate(first=Min("id")).values_list("first", flat=True)
        rows = GroupMember.objects.filter(pk__in=list(firsts)).order_by()
        for group_id, rule, source in rows.values_list("group_id", "alert__rule__name", "alert__source"):
            found[group_id] = rule or source
    return found
