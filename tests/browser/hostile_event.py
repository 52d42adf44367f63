"""An event with a planted payload in every field that an SDK may send, and the envelope items that go with it."""

import json
import time
import urllib.request
import uuid
from typing import Any
from urllib.parse import urlsplit

# Ways out of text, attributes, scripts, links and templates. `%d` is the field: whatever runs says where it came from.
VARIANTS = (
    '"><img src=x onerror=xss(%d)>',
    "'><svg/onload=xss(%d)>{{7*7}}",
    "</script><script>xss(%d)</script>",
    "javascript:xss(%d)//",
    "</textarea><b onclick=xss(%d)>",
)


class Planter:
    """Gives each field its own payload of one variant, and remembers which number is which field."""

    def __init__(self, variant: int) -> None:
        self.variant = VARIANTS[variant]
        self.fields: dict[int, str] = {}

    def __call__(self, field: str) -> str:
        number = len(self.fields) + 1
        self.fields[number] = field
        return self.variant % number

    def frame(self, of: str) -> dict[str, Any]:
        lines = {"context_line": self(f"{of}.context_line"), "pre_context": [self(f"{of}.pre_context")]}
        variables = {self(f"{of}.vars key"): self(f"{of}.vars value"), "nested": {self(f"{of}.nested key"): [{"a": 1}]}}
        variables["list"] = [self(f"{of}.vars list"), {"deep": self(f"{of}.vars deep")}]
        names = {name: self(f"{of}.{name}") for name in ("filename", "function", "module", "abs_path", "package")}
        return {**names, **lines, "post_context": [self(f"{of}.post_context")], "vars": variables, "lineno": 2}

    def exception(self, of: str) -> dict[str, Any]:
        mechanism = {"type": self(f"{of}.mechanism"), "handled": False, "data": {"a": self(f"{of}.mechanism data")}}
        ours, library = self.frame(f"{of}.frame"), self.frame(f"{of}.library")
        frames = [{**library, "in_app": False}, {**library, "in_app": False, "lineno": 9}, {**ours, "in_app": True}]
        return {
            "type": self(f"{of}.type"),
            "value": self(f"{of}.value") + "\n" + self(f"{of}.second line"),
            "module": self(f"{of}.module"),
            "mechanism": mechanism,
            "stacktrace": {"frames": frames},
        }


def make_event(plant: Planter) -> dict[str, Any]:
    """Return an event that has every interface of the protocol, a payload in each of their fields."""
    now = time.time()
    words = ("release", "environment", "server_name", "transaction", "logger", "dist", "platform", "level", "type")
    request = {name: plant(f"request.{name}") for name in ("method", "query_string", "fragment", "unknown")}
    crumb = {name: plant(f"crumb.{name}") for name in ("type", "category", "level", "message")}
    people = ("id", "username", "email", "ip_address", "name", "segment", "unknown")
    contexts = {
        name: {key: plant(f"{name}.{key}") for key in ("name", "version", "unknown")}
        for name in ("runtime", "os", "device", "browser", "app", "trace", "gpu", "culture", "response")
    }
    contexts[plant("contexts name")] = {plant("contexts key"): plant("contexts value")}
    frame = {**plant.frame("thread.frame"), "in_app": True}
    thread = {"id": plant("thread.id"), "name": plant("thread.name"), "state": plant("thread.state")}
    return {
        "event_id": uuid.uuid4().hex,
        "timestamp": now,
        **{name: plant(name)[:64] for name in words},
        "exception": {"values": [plant.exception("cause"), plant.exception("exception")]},
        "logentry": {
            "message": plant("message"),
            "formatted": plant("formatted"),
            "params": [plant("params"), {"a": plant("params deep")}],
        },
        "threads": {"values": [{**thread, "crashed": True, "stacktrace": {"frames": [frame]}}]},
        "breadcrumbs": {
            "values": [
                {**crumb, "timestamp": now - 1, "data": {plant("crumb key"): plant("crumb value")}},
                {
                    "type": "http",
                    "timestamp": now,
                    "data": {"url": plant("crumb url"), "method": plant("crumb method")},
                },
                {"category": "navigation", "data": {"from": plant("crumb from"), "to": plant("crumb to")}},
                {"category": "deep", "data": {"a": {plant("crumb deep key"): plant("crumb deep")}}},
            ]
        },
        "request": {
            **request,
            "url": "https://trade.example/" + plant("request.url"),
            "headers": [[plant("header name"), plant("header value")], ["X-Note", plant("header note")]],
            "cookies": [[plant("cookie name"), plant("cookie value")]],
            "data": {plant("body key"): [plant("body value")]},
            "env": {plant("env key"): plant("env value")},
        },
        "user": {name: plant(f"user.{name}") for name in people},
        "tags": {plant("tag key"): plant("tag value"), "venue": plant("venue")},
        "contexts": contexts,
        "extra": {plant("extra key"): {plant("extra deep key"): plant("extra value")}},
        "modules": {plant("module name"): plant("module version")},
        "sdk": {"name": plant("sdk.name"), "version": plant("sdk.version"), "packages": [{"name": plant("package")}]},
        "fingerprint": [plant("fingerprint")],
        plant("unknown field")[:60]: {plant("unknown key"): plant("unknown value")},
    }


def make_envelopes(plant: Planter, event: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return the event with attachments and a user report, and feedback about it."""
    report = {name: plant(f"report.{name}") for name in ("name", "email", "comments")}
    told = {name: plant(f"feedback.{name}") for name in ("name", "contact_email", "message", "url")}
    feedback = {"contexts": {"feedback": {**told, "associated_event_id": event["event_id"]}}, "timestamp": time.time()}
    markup = f"<script>{plant('attachment bytes')}</script>".encode()
    file = {"type": "attachment", "filename": plant("attachment.filename"), "content_type": plant("attachment.type")}
    items = [
        ({"type": "event"}, json.dumps(event).encode()),
        ({"type": "user_report"}, json.dumps({**report, "event_id": event["event_id"]}).encode()),
        (file, markup),
        ({"type": "attachment", "filename": "page.html", "content_type": "text/html"}, markup),
        ({"type": "attachment", "filename": "drawing.svg", "content_type": "image/svg+xml"}, markup),
    ]
    separate = [({"type": "feedback"}, json.dumps(feedback).encode())]
    return _envelope(event["event_id"], items), _envelope(uuid.uuid4().hex, separate)


def send_envelope(dsn: str, body: bytes) -> None:
    parts = urlsplit(dsn)
    url = f"{parts.scheme}://{parts.hostname}:{parts.port}/api{parts.path}/envelope/?sentry_key={parts.username}"
    urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=10).read()


def _envelope(event_id: str, items: list[tuple[dict[str, str], bytes]]) -> bytes:
    lines = [json.dumps({"event_id": event_id}).encode()]
    for headers, payload in items:
        lines += [json.dumps({**headers, "length": len(payload)}).encode(), payload]
    return b"\n".join(lines) + b"\n"
