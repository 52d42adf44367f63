"""What code says of an error that it captures, as an event's document. Values in, values out.

    {"error": {"type", "message", "module"?, "traceback"?, "chain"?}, "request"?: {"method", "path", "headers", "query",
     "body"}, "user"?: {...}, "system"?: {...}, "tags"?: {...}, "environment"?, "release"?, "transaction"?,
     "trace_id"?, "server_name"?}

A traceback is the text that Python prints, or frames as Sentry's SDKs send them, the oldest call first. `chain` holds
the causes, in the same form as the error itself, what was raised first on top. What else is wrong with a field is the
normalising's business, which every event goes through.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from debugging.contexts.tracebacks import frames_of_text

LONGEST_BYTES = 1 << 20  # of a whole capture, as of an event
MOST_CAUSES = 49  # with the error itself as many as an event has exceptions
OBJECTS = ("request", "user", "system", "tags")
TEXTS = {"environment": 64, "release": 250, "transaction": 200, "trace_id": 36, "server_name": 200}
_REQUEST_TEXTS = {"method": 64, "path": 8000}


def faults_in(body: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """Return what is wrong, by field; empty when nothing is."""
    found = _faults_in_error(body.get("error"), "error")
    found |= {name: "expected an object" for name in OBJECTS if not _is_object(body.get(name))}
    found |= {name: fault for name, limit in TEXTS.items() if (fault := _fault_in_text(body.get(name), limit))}
    request = body.get("request")
    if isinstance(request, dict):
        for name, limit in _REQUEST_TEXTS.items():
            if fault := _fault_in_text(request.get(name), limit):
                found[f"request.{name}"] = fault
    return {name: [text] for name, text in found.items()}


def document_of(body: Mapping[str, Any], *, error_id: str, at: datetime) -> dict[str, Any]:
    """Return the document of a capture without faults, as a client would send it."""
    error = body["error"]
    trace_id = str(body.get("trace_id") or "").replace("-", "")
    contexts = {"system": body.get("system"), "trace": {"trace_id": trace_id} if trace_id else None}
    document = {
        "event_id": error_id,
        "timestamp": at.timestamp(),
        "level": "error",
        "platform": "python" if error.get("traceback") else "other",
        "exception": {"values": [_exception(each) for each in (*(error.get("chain") or ()), error)]},
        "request": _request(body.get("request")),
        "user": body.get("user"),
        "tags": body.get("tags"),
        "contexts": {name: each for name, each in contexts.items() if each},
        **{name: body.get(name) for name in TEXTS if name != "trace_id"},
    }
    return {name: value for name, value in document.items() if value}


def _exception(error: Mapping[str, Any]) -> dict[str, Any]:
    traceback = error.get("traceback")
    frames = frames_of_text(traceback) if isinstance(traceback, str) else traceback
    said = {"type": error["type"], "value": error.get("message") or "", "module": error.get("module")}
    return {**said, **({"stacktrace": {"frames": frames}} if frames else {})}


def _request(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not said:
        return None
    query = said.get("query")
    return {
        "method": said.get("method"),
        "url": said.get("path"),
        "query_string": urlencode(query, doseq=True) if isinstance(query, dict) else query,
        "headers": said.get("headers"),
        "data": said.get("body"),
    }


def _faults_in_error(error: Any, path: str, *, is_cause: bool = False) -> dict[str, str]:
    if not isinstance(error, dict):
        return {path: "expected an object with type and message"}
    found = {}
    if not isinstance(error.get("type"), str) or not error["type"].strip():
        found[f"{path}.type"] = "expected the name of the error's class"
    for name in ("message", "module"):
        if error.get(name) is not None and not isinstance(error[name], str):
            found[f"{path}.{name}"] = "expected text"
    if fault := _fault_in_traceback(error.get("traceback")):
        found[f"{path}.traceback"] = fault
    return found if is_cause else found | _faults_in_chain(error.get("chain"), f"{path}.chain")


def _faults_in_chain(chain: Any, path: str) -> dict[str, str]:
    if chain is None:
        return {}
    if not isinstance(chain, list) or len(chain) > MOST_CAUSES:
        return {path: f"expected a list of at most {MOST_CAUSES} causes"}
    found: dict[str, str] = {}
    for number, cause in enumerate(chain):
        found |= _faults_in_error(cause, f"{path}.{number}", is_cause=True)
    return found


def _fault_in_traceback(traceback: Any) -> str:
    if traceback is None or isinstance(traceback, str):
        return ""
    if isinstance(traceback, list) and all(isinstance(frame, dict) for frame in traceback):
        return ""
    return "expected the text of a traceback, or a list of frames"


def _fault_in_text(value: Any, limit: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return "expected text"
    return f"is longer than {limit} characters" if len(value) > limit else ""


def _is_object(value: Any) -> bool:
    return value is None or isinstance(value, dict)
