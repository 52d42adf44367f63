"""What was said and what led to it: message, breadcrumbs."""

from typing import Any

from tradewatch.errors.normalise.clock import MOMENT
from tradewatch.errors.normalise.fields import (
    Context,
    Field,
    MisfitError,
    as_text,
    clean_record,
    clean_tree,
    listed,
    text_field,
    tree_field,
)

MAX_CRUMBS = 100
NAME, DATA, MESSAGE = 200, 2048, 8192


def _params(value: Any, context: Context) -> Any:
    if type(value) not in (dict, list):
        value = [value]
    return clean_tree(value, DATA)


_LOGENTRY = {
    "message": text_field(MESSAGE),
    "formatted": text_field(MESSAGE),
    "params": Field(None, None, _params),
}
_CRUMB = {
    "timestamp": MOMENT,
    "type": text_field(NAME),
    "category": text_field(NAME),
    "level": text_field(NAME),
    "message": text_field(MESSAGE),
    "event_id": text_field(NAME),
    "data": tree_field(DATA, is_object=True),
}
_REST = tree_field(DATA)


def _logentry(value: Any, context: Context) -> dict[str, Any]:
    if type(value) is not dict:
        text = as_text(value, MESSAGE)
        return {"message": text, "formatted": text}
    clean_record(value, _LOGENTRY, _REST, context)
    value.setdefault("message", "")
    value.setdefault("formatted", value["message"])
    return value


def _breadcrumbs(value: Any, context: Context) -> dict[str, Any]:
    outer, crumbs = (context.path, "values"), []
    for index, crumb in enumerate(listed(value)[-MAX_CRUMBS:]):
        if type(crumb) is dict:
            context.path = (outer, index)
            clean_record(crumb, _CRUMB, _REST, context)
            crumbs.append(crumb)
        elif crumb is not None:
            context.path = outer
            context.note(index, "not an object")
    return {"values": crumbs}


def _contexts(value: Any, context: Context) -> dict[str, Any]:
    if type(value) is not dict:
        raise MisfitError("not an object")
    kept = {name: entry for name, entry in value.items() if type(entry) is dict}
    for name, entry in value.items():
        if entry is not None and name not in kept:
            context.note(name, "not an object")
    tree: dict[str, Any] = clean_tree(kept, DATA)
    return tree


LOGENTRY = Field(None, None, _logentry)

BREADCRUMBS = Field(None, None, _breadcrumbs)
CONTEXTS = Field(None, None, _contexts)
