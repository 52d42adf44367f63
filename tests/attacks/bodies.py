"""A body that the OpenAPI document allows, for each operation that takes one."""

from typing import Any

from tests.fuzzing.document import known_names, operations, read_document
from tests.hostile.rows import Side

_PLAIN = {"string": "text", "integer": 60, "number": 1.0, "boolean": True, "object": {}}
_OF_FORMAT = {
    "date-time": "2030-01-01T00:00:00Z",
    "uri": "https://desk.example/",
    "uuid": "0" * 32,
    "date": "2030-01-01",
}


def writes() -> list[tuple[str, str, dict[str, Any]]]:
    """Return (method, path, schema of the body) of each operation that takes one."""
    found = []
    for method, path in operations():
        body = read_document()["paths"][path][method].get("requestBody")
        if body is not None:
            found.append((method, path, body["content"]["application/json"]["schema"]))
    return found


def properties_of(schema: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(schema)
    found = dict(schema.get("properties", {}))
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found |= properties_of(part)
    return found


def body_of(schema: dict[str, Any], side: Side) -> dict[str, Any]:
    """Return a body with each of its fields."""
    known = known_names(side)
    return {name: known.get(name, sample(each)) for name, each in properties_of(schema).items()}


def sample(schema: dict[str, Any]) -> Any:
    schema = _resolved(schema)
    for part in (*schema.get("oneOf", ()), *schema.get("allOf", ()), *schema.get("anyOf", ())):
        return sample(part)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [sample(schema.get("items", {}))]
    if schema.get("properties"):
        return {name: sample(each) for name, each in schema["properties"].items()}
    if "default" in schema:
        return schema["default"]
    return _OF_FORMAT.get(schema.get("format", ""), _PLAIN.get(schema.get("type", ""), {}))


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = read_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found
