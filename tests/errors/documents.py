"""Events as SDKs send them, with loud defaults. Canonical too, as far as grouping and facts look."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)


def make_frame(function: str = "check", module: str = "app.risk.limits", **fields: Any) -> dict[str, Any]:
    return {
        "module": module,
        "function": function,
        "filename": module.replace(".", "/") + ".py",
        "context_line": f"    {function}(order)",
        "in_app": module.startswith("app."),
        **fields,
    }


def make_exception(
    kind: str = "RiskLimitExceeded",
    value: str = "limit breached",
    *,
    frames: Sequence[dict[str, Any]] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    stack = [make_frame("app", "starlette.routing"), make_frame()] if frames is None else list(frames)
    return {"type": kind, "value": value, **({"stacktrace": {"frames": stack}} if stack else {}), **fields}


def make_event(*exceptions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "event_id": uuid.uuid4().hex,
        "timestamp": NOW.timestamp(),
        "level": "error",
        "platform": "python",
        "release": "oms@4.12.0",
        "environment": "production",
        "transaction": "/api/v1/orders",
        "tags": {"venue": "lmax"},
        "exception": {"values": list(exceptions or (make_exception(),))},
        **fields,
    }
