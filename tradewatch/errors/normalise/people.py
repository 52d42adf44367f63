"""Who and what an event is about: user, tags, fingerprint."""

from typing import Any

from tradewatch.errors.normalise.fields import (
    Context,
    Field,
    MisfitError,
    as_pairs,
    as_text,
    clean_record,
    cut,
    text_field,
    tree_field,
)

MAX_TAGS, TAG_KEY, TAG_VALUE = 100, 64, 200
MAX_FINGERPRINT = 32
NAME, DATA = 512, 2048

_USER = {key: text_field(NAME) for key in ("id", "username", "email", "ip_address", "name", "segment")}
_REST = tree_field(DATA)


def _user(value: Any, context: Context) -> dict[str, Any]:
    if type(value) is not dict:
        raise MisfitError("not an object")
    clean_record(value, _USER, _REST, context)
    return value


def _tags(value: Any, context: Context) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, entry in as_pairs(value):
        if len(tags) == MAX_TAGS:
            context.note("length", f"more than {MAX_TAGS} tags")
            break
        if type(entry) is str and len(entry) <= TAG_VALUE and len(key) <= TAG_KEY:
            tags[key] = entry
        elif entry is not None and key:
            try:
                tags[cut(key, TAG_KEY)] = as_text(entry, TAG_VALUE)
            except MisfitError as misfit:
                context.note(key, str(misfit))
    return tags


def _fingerprint(value: Any, context: Context) -> list[str]:
    if type(value) is not list:
        value = [value]
    return [as_text(part, NAME) for part in value[:MAX_FINGERPRINT] if part is not None]


USER = Field(None, None, _user)
TAGS = Field(None, None, _tags)
FINGERPRINT = Field(None, None, _fingerprint)
