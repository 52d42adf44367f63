"""How `inside` answers what its caller waits for: as it reads over HTTP, in an event loop too."""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from rest_framework.renderers import JSONRenderer


def answered(answer: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answer as it reads over HTTP. Within an event loop, where the ORM may not be used, a thread asks."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _as_json(answer())
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_apart, answer).result()


def _apart(answer: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    try:
        return _as_json(answer())
    finally:
        connections.close_all()  # the thread's own; nobody else would close them


def _as_json(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JSONRenderer().render(data))
    return found
