"""A monitored job's check-in, told by a plain URL instead of an SDK: `/api/<id>/cron/<slug>[/<key>]?status=ok`."""

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.lenient_json import loads_leniently

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,50}")
_STATUSES = ("ok", "error", "in_progress")
_LATEST = "0" * 32  # by the protocol: the check-in that was opened last


def check_in(slug: str, query: bytes, body: bytes) -> dict[str, Any]:
    """Return the payload of a `check_in` item. Fields stand in the query, or in a JSON body (the query wins).

    Raises ValueError with a sentence that names the field at fault.
    """
    if not _SLUG.fullmatch(slug):
        raise ValueError("The monitor's slug is not 1 to 50 letters, digits, - and _.")
    fields = {**_body_fields(body), **{name: values[0] for name, values in parse_qs(query.decode("latin-1")).items()}}
    payload: dict[str, Any] = {
        "check_in_id": _check_in_id(fields.get("check_in_id")),
        "monitor_slug": slug,
        "status": _status(fields.get("status")),
    }
    if (duration := fields.get("duration")) is not None:
        payload["duration"] = _seconds(duration)
    if isinstance(environment := fields.get("environment"), str) and environment:
        payload["environment"] = environment[:64]
    if isinstance(monitor_config := fields.get("monitor_config"), dict):
        payload["monitor_config"] = monitor_config
    return payload


def _body_fields(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        fields = loads_leniently(body)
    except ValueError:
        raise ValueError("The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise ValueError("The body is not a JSON object.")
    return fields


def _check_in_id(value: Any) -> str:
    if value in (None, ""):
        return _LATEST
    if (normal := normal_event_id(value)) is None:
        raise ValueError("check_in_id is not 32 hex digits.")
    return normal


def _status(value: Any) -> str:
    if value not in _STATUSES:
        raise ValueError(f"status is not one of {', '.join(_STATUSES)}.")
    return str(value)


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:  # also refuses NaN
        raise ValueError("duration is not a number of seconds.")
    return seconds
