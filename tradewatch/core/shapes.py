"""Reading a document that may have any shape: what is not as it should be is empty."""

from collections.abc import Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def mapping(value: object) -> Document:
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def values_of(container: object) -> list[Document]:
    """Return the objects of `{"values": [...]}`."""
    return [each for each in listed(mapping(container).get("values")) if isinstance(each, Mapping) and each]


def pairs_of(value: object) -> list[tuple[str, Any]]:
    """Return names with their values, from an object or from a list of pairs (headers, cookies)."""
    if isinstance(value, Mapping):
        return [(str(name), each) for name, each in value.items()]
    pairs = [each for each in listed(value) if isinstance(each, Sequence) and not isinstance(each, str)]
    return [(str(pair[0]), pair[1]) for pair in pairs if len(pair) == 2]


def text_of(value: object, limit: int = 200) -> str:
    """Return a field's text, its end cut; empty for None and for what is no text, number or boolean."""
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if len(text) <= limit else text[: limit - 1] + "…"
