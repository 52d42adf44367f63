"""The `request` interface: headers and cookies as pairs, the query string as text, whatever way they came."""

from typing import Any
from urllib.parse import urlencode

from tradewatch.errors.normalise.fields import (
    Context,
    Field,
    MisfitError,
    as_pairs,
    as_text,
    clean_record,
    text_field,
    tree_field,
)

MAX_PAIRS = 200
NAME, VALUE, URL, BODY = 200, 2048, 8192, 8192

Pairs = list[list[str]]


def _headers(value: Any, context: Context) -> Pairs:
    if type(value) is dict:
        plain = [[name, text] for name, text in value.items() if type(text) is str and len(text) <= VALUE]
        if len(plain) == len(value) <= MAX_PAIRS:
            return plain
    return text_pairs(value, context)


def text_pairs(value: Any, context: Context) -> Pairs:
    """Return [[name, value], ...]; a list of values under one name becomes as many pairs."""
    pairs: Pairs = []
    for name, entry in as_pairs(value)[:MAX_PAIRS]:
        for text in entry if type(entry) is list else [entry]:
            try:
                pairs.append([name[:NAME], "" if text is None else as_text(text, VALUE)])
            except MisfitError as misfit:
                context.note(name, str(misfit))
    return pairs[:MAX_PAIRS]


def _cookies(value: Any, context: Context) -> Pairs:
    if type(value) is str:
        parts = [part.strip().partition("=") for part in value.split(";") if part.strip()]
        value = [[name, text] for name, _, text in parts]
    return text_pairs(value, context)


def _query_string(value: Any, context: Context) -> str:
    if type(value) in (dict, list):
        return as_text(urlencode([(name, text) for name, text in text_pairs(value, context)]), URL)
    return as_text(value, URL).removeprefix("?")


_REQUEST = {
    "method": text_field(64),
    "url": text_field(URL),
    "query_string": Field(None, None, _query_string),
    "fragment": text_field(VALUE),
    "headers": Field(None, None, _headers),
    "cookies": Field(None, None, _cookies),
    "data": tree_field(BODY),
    "env": tree_field(VALUE, is_object=True),
}
_REST = tree_field(VALUE)


def _request(value: Any, context: Context) -> dict[str, Any]:
    if type(value) is not dict:
        raise MisfitError("not an object")
    clean_record(value, _REQUEST, _REST, context)
    return value


REQUEST = Field(None, None, _request)
