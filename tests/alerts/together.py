"""What the processes of `test_together` do, on the database of their environment."""

import json
import time
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from alerts.delivery import deliver_due
from alerts.engine import placing, plans
from alerts.engine.looking import look_at_due_groups
from alerts.engine.placing import place_unrouted
from alerts.models import Alert, AlertGroup, GroupMember, Notification, OccurrenceRecord, Route
from alerts.observe import record_occurrences
from alerts.services import judge_error_rates, judge_occurrences, judging, resolve_alert
from tests.alerts.builders import make_news
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM

KEYS, NEWS_PER_KEY = 12, 8


def prepare() -> None:
    call_command("migrate", verbosity=0)
    # Each alert alone, told at once, looked at each second.
    Route.objects.update(group_by=["alert"], group_wait_seconds=0, group_interval_seconds=1)
    plans.SHORTEST_INTERVAL = 1
    project, start = make_project("together"), timezone.now()
    record_occurrences(
        [
            make_news(
                project_id=project.pk, fingerprint=f"issue:{number % KEYS}", occurred_at=start + timedelta(0, number)
            )
            for number in range(KEYS * NEWS_PER_KEY)
        ]
    )


def work(*, resolves: bool) -> None:
    """Judge and deliver until nothing is left; one of the workers resolves every second alert as it comes."""
    judging.BATCH_SIZE = placing.BATCH_SIZE = 5  # small batches meet on the same keys
    plans.SHORTEST_INTERVAL = 1
    quiet_rounds = 0
    while quiet_rounds < 5:
        now = timezone.now()
        done = judge_occurrences(now) + place_unrouted(now) + look_at_due_groups(now) + deliver_due(now)
        judge_error_rates(now)
        if resolves and not OccurrenceRecord.objects.filter(judged_at=None).exists():
            for alert in Alert.objects.exclude(state="resolved").filter(dedup_key__regex="[02468]$"):
                resolve_alert(SYSTEM, alert)
                done += 1
        if AlertGroup.objects.filter(state="firing", members__alert__state="resolved").exists():
            done += 1  # their groups have yet to say so
        quiet_rounds = 0 if done else quiet_rounds + 1
        time.sleep(0.02)


def report() -> None:
    """Print the facts as JSON."""
    notifications = Notification.objects.order_by("id")
    keys = dict(GroupMember.objects.values_list("group_id", "alert__dedup_key"))
    facts = {
        "alerts": list(Alert.objects.order_by("id").values_list("dedup_key", "count", "state")),
        "notifications": [(row.pk, keys[row.group_id], row.event, row.state) for row in notifications],
        "groups": list(AlertGroup.objects.order_by("id").values_list("key", "sequence", "state")),
        "unjudged": OccurrenceRecord.objects.filter(judged_at=None).count(),
    }
    print(json.dumps(facts))
