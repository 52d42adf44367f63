"""Query parameters and refusals that many endpoints share, and which paths the OpenAPI document shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from tradewatch.core.windows import SPANS

PROJECT = OpenApiParameter("project", str, description="id or slug; without: all that the caller may see")
ENVIRONMENT = OpenApiParameter("environment", str, description="without: all")
WINDOW = [
    OpenApiParameter("window", str, enum=list(SPANS), description="ends now; default 24h"),
    OpenApiParameter("start", str, description="ISO 8601, instead of `window`"),
    OpenApiParameter("end", str, description="ISO 8601; without: now"),
]
PAGE = [
    OpenApiParameter("cursor", str, description="`next` of the page before"),
    OpenApiParameter("limit", int, description="rows a page, 1 to 200; default 50"),
]


def without_slash_twins(endpoints: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the endpoints, each under its plain path alone."""
    paths = {endpoint[0] for endpoint in endpoints}
    return [endpoint for endpoint in endpoints if endpoint[0].rstrip("/") not in paths - {endpoint[0]}]


# What every endpoint may answer beside what it is asked for, by what of a request may be at fault.
REFUSAL = {
    "type": "object",
    "description": "Why a request is refused: a sentence, and texts by the field at fault (`body`: the whole).",
    "properties": {
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["detail", "errors"],
}
_REASONS = {
    "400": "a value is not what is expected",
    "401": "no credentials, or a token that is unknown, expired or revoked",
    "403": "the scope or the role is missing",
    "404": "what is named does not exist, or may not be seen",
    "408": "the body did not arrive in time",
    "409": "its state does not allow it",
    "413": "the body is too large",
    "415": "the body is not JSON",
    "429": "too many requests: Retry-After says when",
}


def with_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Return the document with the refusals of each operation, where the operation does not describe its own."""
    result.setdefault("components", {}).setdefault("schemas", {})["Refusal"] = REFUSAL
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in sorted(_refusals_of(path, method, operation)):
                operation["responses"].setdefault(status, _refusal(status))
    return result


def _refusals_of(path: str, method: str, operation: Mapping[str, Any]) -> set[str]:
    names = {each["name"] for each in operation.get("parameters", ())}
    has_body = "requestBody" in operation
    found = {"429"}
    found |= {"401", "403"} if {} not in operation.get("security", [{}]) else set()
    found |= {"400"} if names or has_body else set()
    found |= {"404"} if "{" in path or "project" in names or has_body else set()
    found |= {"408", "413", "415"} if has_body else set()
    return found | ({"409"} if method != "get" else set())


def _refusal(status: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    return {"description": _REASONS[status], "content": content}
