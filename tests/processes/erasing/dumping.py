"""Everything that is stored, readable: each column of each table as the models give it, and what is packed unpacked."""

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
import zstandard
from django.apps import apps
from django.conf import settings

from tradewatch.inbox import queue_sqlite


def dump() -> Iterator[tuple[str, str, str]]:
    """Yield (model, column, text) of every column of every row."""
    for model in apps.get_models(include_auto_created=True):
        names = [field.attname for field in model._meta.concrete_fields]
        for row in model._base_manager.values_list(*names):
            for name, value in zip(names, row, strict=True):
                yield model._meta.label, name, readable(value)
    if not settings.IS_POSTGRES:
        for row in queue_sqlite.undigested(0):
            for value in row:
                yield "inbox file", "", readable(value)


def readable(value: Any) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    data = bytes(value)
    return "\n".join([data.decode("utf-8", "replace"), *(each.decode("utf-8", "replace") for each in _unpacked(data))])


def _unpacked(data: bytes) -> Iterator[bytes]:
    for unpack in (zstandard.ZstdDecompressor().decompress, lambda each: zlib.decompress(each, 47)):
        try:
            plain = unpack(data)
        except (zstandard.ZstdError, zlib.error):
            continue
        yield plain
    try:
        decoded = msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, ValueError):
        return
    for each in _bytes_in(decoded):
        yield from _unpacked(each)


def _bytes_in(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _bytes_in(each)


def places_of(words: list[str]) -> set[tuple[str, str]]:
    """Return (model, column) where one of the words is, in any case."""
    lower = [word.lower() for word in words]
    return {(label, name) for label, name, text in dump() if any(word in text.lower() for word in lower)}
