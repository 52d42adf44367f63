"""One POST to TradeWatch, tried again where that is of use; `TRADEWATCH_URL` and `TRADEWATCH_TOKEN` say where to."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from tradewatch.facade.failures import count_failure

TIMEOUT_SECONDS = 5.0
PAUSES_SECONDS = (0.5, 2.0)  # before another try
LONGEST_PAUSE_SECONDS = 10.0


def post(environment: Mapping[str, str], path: str, body: Mapping[str, Any], *, operation: str) -> bool:
    """POST and return whether it was taken; what went wrong is counted under `operation`.

    An Idempotency-Key lets the server know a second try of what it has taken already.
    """
    url, token = environment.get("TRADEWATCH_URL", "").rstrip("/"), environment.get("TRADEWATCH_TOKEN", "")
    if not url or not token:
        count_failure(operation, "TRADEWATCH_URL or TRADEWATCH_TOKEN is not set")
        return False
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    reason = ""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        for pause in (*PAUSES_SECONDS, None):
            reason, wait = _try(client, url + path, body, headers)
            if not reason:
                return True
            if wait is None or pause is None:
                break
            time.sleep(min(max(pause, wait), LONGEST_PAUSE_SECONDS))
    count_failure(operation, reason)
    return False


def _try(
    client: httpx.Client, url: str, body: Mapping[str, Any], headers: Mapping[str, str]
) -> tuple[str, float | None]:
    """Return what went wrong ("": nothing), and how many seconds to wait before another try (None: it is of no use)."""
    try:
        answer = client.post(url, json=body, headers=dict(headers))
    except httpx.TransportError as error:
        return type(error).__name__, 0.0
    if answer.is_success:
        return "", None
    if answer.status_code in (408, 429) or answer.status_code >= 500:
        asked = answer.headers.get("Retry-After", "")
        return f"status {answer.status_code}", float(asked) if asked.isdigit() else 0.0
    return f"status {answer.status_code}", None
