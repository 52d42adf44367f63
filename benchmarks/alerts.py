"""A venue goes down: ten thousand alerts within a minute, from news to a handful of messages, while a page is read.

In this process and on a fresh SQLite database: what is timed is judging, placing and deciding, not the web server.
"""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

ALERTS = 10_000
SCRIPT = """
import json, os, threading, time
import django; django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
call_command("migrate", verbosity=0)
from alerts.choices import AlertSeverity
from alerts.engine.turning import turn
from alerts.models import Alert, Notification
from alerts.observe import Occurrence, record_occurrences
from alerts.queries import open_alert_counts, open_alerts
from alerts.services import judge_occurrences
from tradewatch.projects.models import Project
project = Project.objects.get_or_create(slug="venue", defaults={"name": "Venue"})[0]
now = timezone.now()
record_occurrences([
    Occurrence(kind="issue.new", project_id=project.pk, fingerprint=f"order:{n}", severity=AlertSeverity.CRITICAL,
               title=f"Order {n} rejected: venue is down", occurred_at=now) for n in range(COUNT)
])
reads, stop = [], threading.Event()
def read():
    while not stop.is_set():
        started = time.monotonic()
        list(open_alerts([project.pk])[:50]); open_alert_counts([project.pk])
        reads.append(time.monotonic() - started)
        time.sleep(0.05)
    connection.close()
reader = threading.Thread(target=read); reader.start()
def measured(step):  # wall and CPU of this thread, without the reader's
    started, cpu = time.monotonic(), time.thread_time()
    step()
    return time.monotonic() - started, time.thread_time() - cpu
judged, judged_cpu = measured(lambda: judge_occurrences(now))
turned, turned_cpu = measured(lambda: turn(now))
again, again_cpu = measured(lambda: turn(now + timedelta(minutes=5, seconds=1)))
stop.set(); reader.join()
print(json.dumps({
    "alerts": Alert.objects.count(), "judged_s": round(judged, 2), "first_turn_s": round(turned, 2),
    "next_look_s": round(again, 2), "evaluated_s": round(judged + turned, 2), "messages": Notification.objects.count(),
    "judged_cpu_s": round(judged_cpu, 2), "first_turn_cpu_s": round(turned_cpu, 2), "next_look_cpu_s": round(again_cpu, 2),
    "evaluated_cpu_s": round(judged_cpu + turned_cpu, 2), "load": os.getloadavg()[0],
    "page_read_median_ms": round(1000 * sorted(reads)[len(reads) // 2], 1), "page_read_max_ms": round(1000 * max(reads), 1),
}))
"""


def measure_alerts() -> dict[str, Any]:

    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        variables = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tradewatch.settings",
            "TRADEWATCH_HOME": home,
            "TRADEWATCH_DOTENV": "/nonexistent",
            "TRADEWATCH_ALERT_MAIL_TO": "desk@example.com",
            "DATABASE_URL": f"sqlite:///{home}/bench.sqlite3",
        }
        code = SCRIPT.replace("COUNT", str(ALERTS))
        done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer
