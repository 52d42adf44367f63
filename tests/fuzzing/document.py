"""The OpenAPI document that the fuzzer reads, and what stands in its store by the names of parameters."""

import functools
import io
import json
from typing import Any

from django.core.management import call_command

from tests.hostile.rows import Side

METHODS = ("get", "post", "put", "patch", "delete")


@functools.cache
def read_document() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def operations(area: str = "") -> list[tuple[str, str]]:
    """Return (method, path) of each operation under `/area`, in a fixed order."""
    paths = read_document()["paths"].items()
    return [(method, path) for path, all_of in paths for method in all_of if method in METHODS and is_in(path, area)]


def is_in(path: str, area: str) -> bool:
    return not area or path.split("/")[1] == area


def areas() -> list[str]:
    return sorted({path.split("/")[1] for _, path in operations()})


def known_names(side: Side) -> dict[str, Any]:
    """Return what stands in the store by the name of a parameter or field: without it all would be `no such ...`."""
    texts = ("project", "environment", "version", "metric_name", "release", "slug", "target")
    ids = ("id", "issue", "issues", "alert", "group", "owner", "replay", "shrink")
    found: dict[str, Any] = dict.fromkeys(texts, side.word) | dict.fromkeys(ids, side.number)
    found |= {"issues": [side.number], "key": str(side.number), "trace_id": side.hex, "event_id": side.hex}
    return found
