"""What is wrong with the parts of a definition, in words, and their canonical form. Pure."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Definition = Mapping[str, Any]
Faults = dict[str, list[str]]
Look = Callable[[object], str]  # a value in, what is expected out; empty: it is sound

LONGEST_NAME = 200


def faults_of(definition: Definition, wanted: Mapping[str, Look], optional: Mapping[str, Look]) -> Faults:
    """Return {field: what is expected} of a definition; keys that are neither `wanted` nor `optional` are refused."""
    known = {**wanted, **optional}
    faults: Faults = {}
    for name, look in known.items():
        given = definition.get(name)
        is_missing = given is None or given == "" or given == {}
        if (name in wanted or not is_missing) and (text := look(given)):
            faults[name] = [text]
    for name in definition.keys() - known.keys():
        faults[str(name)] = [f"is not asked for here; expected: {', '.join(known)}" if known else "nothing is expected"]
    return faults


def text(value: object) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST_NAME:
        return ""
    return f"must be a text of 1 to {LONGEST_NAME} characters"


def threshold_seconds(value: object) -> str:
    return "" if _is_within(value, 0.001, 86_400) else "must be seconds from 0.001 to 86400, e.g. 0.5"


def number(value: object) -> str:
    return "" if _is_within(value, -1e15, 1e15) else "must be a number, e.g. 0.5"


def quantile(value: object) -> str:
    return "" if _is_within(value, 1e-9, 1 - 1e-9) else "must be between 0 and 1, e.g. 0.95"


def operator(value: object) -> str:
    return "" if value in ("<=", ">=") else 'must be "<=" or ">="'


def seconds(value: object) -> str:
    return "" if _is_within(value, 1, 30 * 86_400) else "must be seconds from 1 to 2592000, e.g. 900"


def tag(value: object) -> str:
    if isinstance(value, Mapping) and set(value) == {"key", "value"} and not any(map(text, value.values())):
        return ""
    return 'must be {"key": ..., "value": ...}, both texts, e.g. {"key": "venue", "value": "XNYS"}'


def attributes(value: object) -> str:
    if isinstance(value, Mapping) and not any(map(text, [*value.keys(), *value.values()])):
        return ""
    return 'must be {attribute: value}, texts, e.g. {"venue": "XNYS"}'


def plain_number(value: object) -> int | float:
    """Return the same for equal numbers, whatever they came as: 2, 2.0, "2" and Decimal("2.000"). Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError("not a number")
    as_float = float(value)
    if not math.isfinite(as_float):
        raise ValueError("not a finite number")
    return int(as_float) if as_float.is_integer() else as_float


def _is_within(value: object, least: float, most: float) -> bool:
    try:
        return least <= plain_number(value) <= most
    except (ValueError, OverflowError):
        return False
