"""What a walk over alerts asks of a server's database: set up, let time pass, tell what is there. Run in its shell."""

import json
from typing import Any

from tests.servers import Server

PEOPLE = ("ann", "ben", "cat")
WAITS = (1, 2, 2)
REPEATS = 1

SET_UP = f"""
from django.contrib.auth.models import User
from alerts.models import AlertRule, EscalationPolicy, EscalationStep, EscalationTarget, Route
AlertRule.objects.filter(kind__in=["own_health", "clock"]).update(is_enabled=False)  # a killed worker is news to them
policy = EscalationPolicy.objects.create(name="Desk", repeats={REPEATS})
for position, (wait, name) in enumerate(zip({WAITS}, {PEOPLE})):
    step = EscalationStep.objects.create(policy=policy, position=position, wait_seconds=wait)
    user = User.objects.create(username=name, email=name + "@example.com", is_staff=True)
    EscalationTarget.objects.create(step=step, kind="user", user=user)
Route.objects.filter(parent=None).update(
    policy=policy, mails_members=False, group_by=["alert"], group_wait_seconds=0, group_interval_seconds=5
)
"""

# A minute between two rounds and a lease of two are too long for a test: here they are over after a second or two, and
# after ten. It ends once the marker is there and all has been carried out, or when its time is over.
LET_TIME_PASS = """
import time
from datetime import timedelta
from pathlib import Path
from django.utils import timezone
from alerts.models import Alert, AlertGroup, Notification
def is_quiet():
    groups = AlertGroup.objects.exclude(state="ended")
    open_alerts = Alert.objects.exclude(state="resolved")
    return not (
        Alert.objects.filter(is_unrouted=True).exists()
        or Notification.objects.filter(state__in=["pending", "sending"]).exists()
        or groups.filter(step_at__isnull=False).exists()
        or groups.filter(next_due_at__lte=timezone.now() - timedelta(seconds=5)).exists()
        or groups.exclude(members__alert__in=open_alerts).exists()
    )
end = time.monotonic() + 240
while time.monotonic() < end and not (Path("killed").exists() and is_quiet()):
    now = timezone.now()
    soon = now + timedelta(seconds=2)
    AlertGroup.objects.filter(round__gt=0, step=0, step_at__gt=soon).update(step_at=soon, next_due_at=soon)
    left = timedelta(minutes=2) - timedelta(seconds=10)
    Notification.objects.filter(state="sending", lease_until__lt=now + left).update(lease_until=now)
    time.sleep(0.5)
"""

FACTS = """
import json
from datetime import timedelta
from django.utils import timezone
from alerts.models import Alert, AlertGroup, Notification, TimelineEntry
from alerts.mails import _digest
long_ago = timezone.now() - timedelta(seconds=10)
groups = {}
for group in AlertGroup.objects.prefetch_related("members__alert"):
    members, due_at = list(group.members.all()), group.next_due_at
    groups[group.pk] = {
        "key": group.labels["alert"],
        "state": group.state,
        "alerts": [member.alert_id for member in members],
        "alert_state": members[0].alert.state,
        "step": group.step,
        "is_late": group.is_open and (due_at is None or due_at < long_ago),
        "story": [],
        "rows": [],
    }
COPIED = ("step", "channel", "target", "event", "sequence", "state", "attempts", "may_be_repeat")
for row in Notification.objects.order_by("id"):
    groups[row.group_id]["rows"].append({
        **{name: getattr(row, name) for name in COPIED},
        "created_at": row.created_at.timestamp(),
        "sent_at": row.sent_at.timestamp() if row.sent_at else None,
        "mail": _digest(f"notification-{row.pk}", row.target),
    })
of_alerts = {alert: group for group, facts in groups.items() for alert in facts["alerts"]}
for entry in TimelineEntry.objects.order_by("id"):
    group = entry.group_id or of_alerts.get(entry.alert_id)
    if group is not None:
        groups[group]["story"].append([entry.kind, entry.text, entry.at.timestamp()])
print(json.dumps({
    "alerts": list(Alert.objects.order_by("id").values_list("dedup_key", flat=True)),
    "unrouted": Alert.objects.filter(is_unrouted=True).count(),
    "groups": list(groups.values()),
}))
"""


def run(server: Server, script: str, *, timeout: float = 120) -> str:
    return server.manage("shell", "--no-imports", "-c", script, timeout=timeout)


def alert_facts(server: Server) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(server, FACTS).splitlines()[-1])
    return answer
