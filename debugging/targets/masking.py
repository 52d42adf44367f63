"""Takes known secrets out of texts: what a target echoes is stored and shown without them. Values in, values out."""

import base64
import binascii
import html
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

import orjson

SHORTEST = 4  # what is shorter would be found in every other word
MASK = "[removed: target secret]"  # in the words of `inbox.scrub`, which leaves its own markers as they are
MOST_DEPTH = 200


def forms_of(values: Iterable[str]) -> tuple[str, ...]:
    """Return every way in which a secret may stand in a text, the longest first.

    As it is, escaped for URLs, JSON and HTML, without its scheme ("Bearer x"), and what Basic credentials hold.
    """
    found: set[str] = set()
    for value in values:
        for part in (value, *_parts(value)):
            found |= {part, quote(part, safe=""), quote_plus(part), html.escape(part)}
            found |= {orjson.dumps(part).decode()[1:-1], part.encode("unicode_escape", "replace").decode()}
    return tuple(sorted((each for each in found if len(each) >= SHORTEST), key=lambda each: (-len(each), each)))


def masked_text(text: str, forms: Sequence[str]) -> str:
    for form in forms:
        if form in text:
            text = text.replace(form, MASK)
    return text


def masked(value: Any, forms: Sequence[str], depth: int = 0) -> Any:
    """Return a JSON value without the secrets, in names and in texts."""
    if not forms:
        return value
    if isinstance(value, str):
        return masked_text(value, forms)
    if depth >= MOST_DEPTH:
        return MASK if isinstance(value, dict | list) else value
    if isinstance(value, dict):
        return {masked_text(name, forms): masked(each, forms, depth + 1) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each, forms, depth + 1) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and str(value) in forms:
        return MASK
    return value


def _parts(value: str) -> Iterator[str]:
    scheme, _, rest = value.partition(" ")
    if rest.strip():
        yield rest.strip()
    if scheme.lower() == "basic":
        try:
            login = base64.b64decode(rest.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield login
        yield login.partition(":")[2]
