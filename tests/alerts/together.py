"""What the processes of `test_together` do, on the database of their environment."""

import json
import time
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from alerts.delivery import deliver_due
from alerts.models import Alert, Notification, OccurrenceRecord
from alerts.observe import record_occurrences
from alerts.services import judge_error_rates, judge_occurrences, judging, resolve_alert
from tests.alerts.builders import make_news
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM

KEYS, NEWS_PER_KEY = 12, 8


def prepare() -> None:
    call_command("migrate", verbosity=0)
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
    judging.BATCH_SIZE = 5  # small batches meet on the same keys
    quiet_rounds = 0
    while quiet_rounds < 5:
        now = timezone.now()
        done = judge_occurrences(now) + deliver_due(now)
        judge_error_rates(now)
        if resolves and not OccurrenceRecord.objects.filter(judged_at=None).exists():
            for alert in Alert.objects.exclude(state="resolved").filter(dedup_key__regex="[02468]$"):
                resolve_alert(SYSTEM, alert)
                done += 1
        quiet_rounds = 0 if done else quiet_rounds + 1
        time.sleep(0.02)


def report() -> None:
    """Print the facts as JSON."""
    notifications = Notification.objects.order_by("id")
    facts = {
        "alerts": list(Alert.objects.order_by("id").values_list("dedup_key", "count", "state")),
        "notifications": list(notifications.values_list("pk", "alert__dedup_key", "event", "state")),
        "unjudged": OccurrenceRecord.objects.filter(judged_at=None).count(),
    }
    print(json.dumps(facts))
