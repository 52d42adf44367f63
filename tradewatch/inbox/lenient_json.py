"""JSON as SDKs write it: orjson, and for the odd client the standard parser, which knows NaN and lone surrogates."""

import json
from typing import Any

import orjson


def loads_leniently(raw: bytes) -> Any:
    """Return the JSON value in `raw`. NaN and Infinity become None, lone surrogates become `?`.

    Raises ValueError for what is not JSON, or nested deeper than the parser goes.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            return _mended(json.loads(raw.decode("utf-8", "replace"), parse_constant=lambda _: None))
        except RecursionError:
            raise ValueError("nested too deeply") from None


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
