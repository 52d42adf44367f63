"""JSON as SDKs write it: orjson, and for the odd client the standard parser, which knows NaN and lone surrogates."""

import json
from typing import Any

import orjson


def loads_leniently(raw: bytes) -> Any:
    """Return the JSON value in `raw`. NaN and Infinity become None, lone surrogates `?`, integers over 64 bits floats.

    Raises ValueError for what is not JSON, or nested deeper than the parser goes.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            text = raw.decode("utf-8", "replace")
            return _mended(json.loads(text, parse_constant=lambda _: None, parse_int=_number))
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)  # what orjson reads and writes


def _mended(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_mended(entry) for entry in value]
        case dict():
            return {_mended(key): _mended(entry) for key, entry in value.items()}
        case _:
            return value
