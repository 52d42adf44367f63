"""An exception as `POST /debug/capture` takes it: made by the SDK's own code, so that its fingerprint is an event's."""

from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.serializer import serialize
from sentry_sdk.utils import event_from_exception, handle_in_app


def body_of(error: BaseException, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body: the error with its causes, frames and variables; release, host and trace as the SDK knows them.

    What is `said` beside stands above that. Secrets that the SDK knows by name are taken out before anything is sent.
    """
    options = sentry_sdk.get_client().options
    event, _ = event_from_exception(error, client_options=options)
    root = options.get("project_root")
    handle_in_app(event, options.get("in_app_exclude"), options.get("in_app_include"), root)
    EventScrubber().scrub_event(event)
    *causes, last = (_error(each) for each in serialize({**event})["exception"]["values"])
    trace = sentry_sdk.get_current_scope().get_trace_context() or {}
    known = {
        "environment": options.get("environment"),
        "release": options.get("release"),
        "server_name": options.get("server_name"),
        "trace_id": trace.get("trace_id"),
    }
    body = {"error": {**last, "chain": causes} if causes else last, **known, **serialize(dict(said))}
    return {name: value for name, value in body.items() if value}


def _error(value: Mapping[str, Any]) -> dict[str, Any]:
    said = {
        "type": value.get("type") or "Exception",
        "message": str(value.get("value") or ""),
        "module": value.get("module"),
        "traceback": (value.get("stacktrace") or {}).get("frames"),
    }
    return {name: each for name, each in said.items() if each is not None}
