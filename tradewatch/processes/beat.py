"""The one table of everything on a clock. Each entry is an idempotent tick: two beats, or a late one, do no harm."""

from typing import Any


def _every(seconds: float, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 2.0)}}


SCHEDULE = {
    entry["task"]: entry
    for entry in [
        _every(2, "alerts.tasks.judge"),
        _every(15, "alerts.tasks.judge_rates"),
        _every(5, "alerts.tasks.deliver"),
    ]
}
DIGEST_SWEEP = {"tradewatch.processes.tasks.digest": _every(1, "tradewatch.processes.tasks.digest")}
