"""The form of a matrix: one place with a value a line, or variants written out as JSON. Texts in, values out."""

from collections.abc import Mapping
from typing import Any

import orjson

from tradewatch.core.faults import Invalid
from tradewatch.dashboard.debugging.replay_form import read_json

FIELDS = ("place", "values", "variants")


def matrix_of(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return {"axes": {place: values}} or {"variants": [...]}, as `batches.variants` reads them. Raises `Invalid`."""
    place, values, variants = (sent.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS)
    if variants and values:
        raise Invalid("bad matrix", errors={"variants": ["give either values of one field, or variants"]})
    if variants:
        return {"variants": _variants(variants)}
    if not place:
        raise Invalid("bad matrix", errors={"place": ["name what changes, e.g. body /quantity"]})
    if not values:
        raise Invalid("bad matrix", errors={"values": ["write a value a line"]})
    return {"axes": {place: [value_of(line) for line in values.split("\n") if line.strip()]}}


def value_of(line: str) -> Any:
    """Return the JSON value that a line is, else its text: `200`, `"200"`, `null`, `acc-4`."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return line.strip()


def _variants(text: str) -> list[Any]:
    """Each is a variant with its title, or the modifications alone."""
    try:
        said = read_json(text)
    except ValueError as fault:
        raise Invalid("bad matrix", errors={"variants": [str(fault)]}) from fault
    if not isinstance(said, list):
        raise Invalid("bad matrix", errors={"variants": ["expected a list: [{...}, {...}]"]})
    return [
        each if isinstance(each, dict) and set(each) <= {"title", "modifications"} and each else {"modifications": each}
        for each in said
    ]
