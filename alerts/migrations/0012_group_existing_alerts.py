"""The default routing tree and classification rules; and a group for each alert that someone was told of, or is open.

An install without any configuration goes on as before: members of the project are mailed.
"""

from django.db import migrations, models
from django.utils import timezone

PLAN = {
    "group_wait": 30,
    "group_interval": 300,
    "repeat_interval": 14400,
    "sends_resolved": True,
    "mails_members": True,
    "tells_nobody": False,
    "channels": [],
    "quiet_hours": [],
    "reminder_after": 0,
    "unacknowledge_after": 0,
    "policy": None,
}
ROOT = {
    "name": "All alerts",
    "position": 0,
    "group_by": ["project", "category"],
    "group_wait_seconds": 30,
    "group_interval_seconds": 300,
    "repeat_interval_seconds": 14400,
    "sends_resolved": True,
    "mails_members": True,
}
RULES = [
    {
        "name": "Access and security",
        "position": 10,
        "matchers": 'tag_category=~"authentication|security"',
        "category": "security",
    },
    {
        "name": "Order flow is never less than an error",
        "position": 20,
        "matchers": 'tag_category=~"order_execution|risk|settlement", severity!=info',
        "severity": "error",
        "severity_change": "raise",
    },
    {
        "name": "Outside production never more than a warning",
        "position": 30,
        "matchers": 'environment=~"dev.*|test.*|staging"',
        "severity": "warning",
        "severity_change": "lower",
        "is_enabled": False,
    },
]
BATCH = 500


def create_defaults(apps, schema_editor):
    routes, rules = apps.get_model("alerts", "Route"), apps.get_model("alerts", "AlertClassificationRule")
    if not routes.objects.filter(parent=None).exists():
        routes.objects.create(**ROOT)
    if not rules.objects.exists():
        rules.objects.bulk_create(rules(**fields) for fields in RULES)


def group_existing(apps, schema_editor):
    alerts = apps.get_model("alerts", "Alert")
    root = apps.get_model("alerts", "Route").objects.filter(parent=None).first()
    now = timezone.now()
    known = alerts.objects.filter(~models.Q(state="resolved") | models.Q(notifications__isnull=False))
    last = 0
    while batch := list(known.filter(pk__gt=last).distinct().order_by("pk").select_related("project")[:BATCH]):
        for alert in batch:
            _group(apps, alert, root, now=now)
        last = batch[-1].pk
    alerts.objects.filter(is_unrouted=True).update(is_unrouted=False)


def _group(apps, alert, root, *, now):
    """Give the alert a group of its own, told what it was told. The ends of what was mailed are told as before."""
    rows = list(alert.notifications.order_by("id"))
    firing = [row for row in rows if row.event == "firing"]
    highest = max((row.sequence for row in firing), default=0)
    last = max((row.sequence + (0 if row in firing else highest) for row in rows), default=0)
    is_over = alert.state == "resolved"
    group = apps.get_model("alerts", "AlertGroup").objects.create(
        project=alert.project,
        route=root,
        route_path=root.name,
        key=f"moved:{alert.pk}",
        labels={"project": alert.project.slug, "alert": alert.dedup_key},
        plan=PLAN,
        state="ended" if is_over else alert.state,
        opened_at=alert.starts_at,
        ended_at=(alert.resolved_at or now) if is_over else None,
        next_due_at=None if is_over else now,
        look_at=None if is_over else now,
        looked_at=now if firing else None,
        told_at=now if firing else None,
        told_critical=bool(firing) and alert.severity == "critical",
        sequence=last,
        ended_sequence=last if is_over and last > highest else 0,
        **_acknowledgement(alert),
    )
    apps.get_model("alerts", "GroupMember").objects.create(
        group=group,
        alert=alert,
        joined_at=alert.starts_at,
        told_sequence=highest or None,
        told_severity=alert.severity if firing else "",
        end_sequence=last if is_over and last > highest else None,
    )
    for row in rows:
        row.group, row.sequence = group, row.sequence + (0 if row in firing else highest)
        row.save(update_fields=["group", "sequence"])


def _acknowledgement(alert):
    """Return whose the alert is: its group is too, and says so in whatever it sends."""
    if alert.state != "acknowledged":
        return {}
    return {
        "acknowledgement": 1,
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_severity": alert.severity,
    }


def name_alerts_again(apps, schema_editor):
    """The way back: each notification names the first alert of its group, with numbers of its own again."""
    for row in apps.get_model("alerts", "Notification").objects.exclude(group=None).iterator():
        member = row.group.members.order_by("id").first()
        if member is None:
            row.delete()
            continue
        row.alert_id = member.alert_id
        row.save(update_fields=["alert"])


class Migration(migrations.Migration):
    dependencies = [("alerts", "0011_groups")]
    operations = [
        migrations.RunPython(create_defaults, migrations.RunPython.noop),
        migrations.RunPython(group_existing, name_alerts_again),
    ]
