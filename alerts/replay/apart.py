"""Runs a replay in a short process of low priority, and waits for its answer."""

import json
import subprocess
import sys
from typing import Any

from django.conf import settings

from alerts.replay.requests import Asked, write_request
from tradewatch.core.faults import Invalid

TIMEOUT_SECONDS = 60


def replay_apart(asked: Asked) -> dict[str, Any]:
    """Return the answer of `requests.answer`. Raises `Invalid` when it takes too long or fails."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "replay"]
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and command; the request goes in by its input
            command,
            input=json.dumps(write_request(asked)),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Invalid(f"the replay took over {TIMEOUT_SECONDS} s: try fewer days or one project") from None
    if done.returncode:
        raise Invalid("the replay failed; its reason is in the log of this server") from RuntimeError(
            done.stderr[-2000:]
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
