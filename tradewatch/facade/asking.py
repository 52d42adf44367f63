"""One request to TradeWatch whose answer the application waits for."""

import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from tradewatch.facade.failures import count_failure

TIMEOUT_SECONDS = 5.0


def ask(
    environment: Mapping[str, str],
    path: str,
    *,
    operation: str,
    parameters: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    may_be_unknown: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> dict[str, Any] | None:
    """GET, or with a `body` POST, and return the answer; None when it was not given, counted under `operation`.

    Connecting is tried twice, nothing else: the caller waits for it. With `may_be_unknown` a 404 is an answer too:
    None, and no failure.
    """
    url, token = environment.get("TRADEWATCH_URL", "").rstrip("/"), environment.get("TRADEWATCH_TOKEN", "")
    if not url or not token:
        count_failure(operation, "TRADEWATCH_URL or TRADEWATCH_TOKEN is not set")
        return None
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    if body is not None:
        headers["Idempotency-Key"] = uuid.uuid4().hex
    method = "GET" if body is None else "POST"
    transport = httpx.HTTPTransport(retries=1)  # of connecting, before anything was sent
    with httpx.Client(timeout=timeout_seconds, transport=transport) as client:
        answer = client.request(method, url + path, params=dict(parameters or {}), json=body, headers=headers)
    if may_be_unknown and answer.status_code == 404:
        return None
    if not answer.is_success:
        count_failure(operation, f"status {answer.status_code}")
        return None
    found: dict[str, Any] = answer.json()
    return found
