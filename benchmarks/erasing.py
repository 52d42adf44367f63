"""What it takes to erase a person from a store of many events: rows, passes, CPU seconds.

python -m benchmarks.erasing [--events 10000]
"""

import argparse
import json

from benchmarks.upgrade import LONG, SEED, say
from tests.servers import empty_server

ERASE = """
import json, time
from django.utils import timezone
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.models import Event
from tradewatch.processes.erasing.running import claim, run
from tradewatch.processes.erasing.services import ask_for_erasure
found = Event.objects.order_by("pk").first().payload["user"]["id"]
for who, user_id in (("nobody", "u-none-7777"), ("one", str(found))):
    erasure = ask_for_erasure(SYSTEM, user_id=user_id, project=None, is_dry_run=False, now=timezone.now())
    claim(erasure, now=timezone.now())
    cpu, wall = time.process_time(), time.monotonic()
    run(erasure)
    report = erasure.report
    changed = sum(each["rows"] for each in report["changed"])
    took = {"cpu_s": round(time.process_time() - cpu, 1), "seconds": round(time.monotonic() - wall, 1)}
    print("TOLD", json.dumps({who: took | {"looked_at": report["rows_looked_at"], "passes": report["passes"] + 1, "changed": changed}}))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    events = parser.parse_args().events
    with empty_server() as server:
        server.manage("migrate", "-v", "0", timeout=LONG)
        server.manage("shell", "--no-imports", "-c", SEED.format(events=events), timeout=LONG)
        printed = server.manage("shell", "--no-imports", "-c", ERASE, timeout=LONG)
        for line in printed.splitlines():
            if line.startswith("TOLD "):
                say("erased", events=events, **json.loads(line[5:]))


if __name__ == "__main__":
    main()
