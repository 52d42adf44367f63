"""The `exception`, `stacktrace` and `threads` interfaces (https://develop.sentry.dev/sdk/data-model/event-payloads/)."""

from typing import Any

from tradewatch.errors.normalise.fields import (
    FLAG,
    INTEGER,
    Context,
    Field,
    MisfitError,
    as_text,
    clean_record,
    clean_tree,
    cut,
    listed,
    text_field,
    tree_field,
)

MAX_VALUES = 50
MAX_FRAMES, OLDEST_FRAMES = 250, 50  # of a runaway recursion: its start and its end
LINE, NAME, VARIABLE, MESSAGE = 512, 512, 2048, 8192
FOREIGN_PLACES = (
    "site-packages/",
    "dist-packages/",
    "node_modules/",
    "/lib/python",
    "\\lib\\site-packages\\",
    "<frozen ",
    "node:",
    "internal/",
)


def _lines(value: Any, context: Context) -> list[str]:
    if type(value) is not list:
        raise MisfitError("not a list")
    return [line if type(line) is str and len(line) <= LINE else as_line(line) for line in value[:50]]


def as_line(line: Any) -> str:
    """Return a source line; `null` (an unreadable line) is an empty one."""
    return cut(line, LINE) if type(line) is str else "" if line is None else str(line)[:LINE]


def _variables(value: Any, context: Context) -> dict[str, Any]:
    if type(value) is not dict:
        raise MisfitError("not an object")
    tree = clean_tree(value, VARIABLE)
    return tree if type(tree) is dict else {}


_LINES = Field(None, None, _lines)
_FRAME = {
    **{key: text_field(NAME) for key in ("filename", "abs_path", "module", "function", "package")},
    "context_line": text_field(LINE),
    "lineno": INTEGER,
    "colno": INTEGER,
    "in_app": FLAG,
    "pre_context": _LINES,
    "post_context": _LINES,
    "vars": Field(None, None, _variables),
}
_FRAME_REST = tree_field(NAME)


def is_in_app(frame: dict[str, Any]) -> bool:
    """Guess whether a frame that does not say is the application's own, by where its file lies."""
    place = f"{frame.get('abs_path') or ''} {frame.get('filename') or ''}".lower()
    return not any(foreign in place for foreign in FOREIGN_PLACES)


def clean_frames(value: Any, context: Context) -> list[dict[str, Any]]:
    """Return the frames without nulls, each with its fields in shape and `in_app` set."""
    if type(value) is not list:
        raise MisfitError("not a list")
    if len(value) > MAX_FRAMES:
        context.note("length", f"{len(value) - MAX_FRAMES} frames from the middle left out")
        value[OLDEST_FRAMES : OLDEST_FRAMES - MAX_FRAMES] = []
    outer, frames = context.path, []
    for index, frame in enumerate(value):
        if type(frame) is not dict:
            if frame is not None:
                context.note(index, "not an object")
            continue
        context.path = (outer, index)
        clean_record(frame, _FRAME, _FRAME_REST, context)
        context.path = outer
        if "in_app" not in frame:
            frame["in_app"] = is_in_app(frame)
        frames.append(frame)
    return frames


_STACKTRACE = {"frames": Field(None, None, clean_frames)}
_REST = tree_field(NAME)


def _stacktrace(value: Any, context: Context) -> dict[str, Any]:
    stacktrace = {"frames": value} if type(value) is list else value
    if type(stacktrace) is not dict:
        raise MisfitError("not an object")
    clean_record(stacktrace, _STACKTRACE, _REST, context)
    stacktrace.setdefault("frames", [])
    return stacktrace


def _message(value: Any, context: Context) -> str:
    if type(value) in (dict, list):  # some clients put an object where the message belongs
        raise MisfitError("not text")
    return as_text(value, MESSAGE)


STACKTRACE = Field(None, None, _stacktrace)
_EXCEPTION = {
    "type": text_field(NAME),
    "value": Field(str, MESSAGE, _message),
    "module": text_field(NAME),
    "thread_id": text_field(NAME),
    "mechanism": tree_field(MESSAGE, is_object=True),
    "stacktrace": STACKTRACE,
    "raw_stacktrace": STACKTRACE,
}
_THREAD = {
    "id": text_field(NAME),
    "name": text_field(NAME),
    "crashed": FLAG,
    "current": FLAG,
    "stacktrace": STACKTRACE,
}


def clean_values(value: Any, shape: dict[str, Field], context: Context) -> list[dict[str, Any]]:
    """Return the objects of a `{"values": [...]}`, a list or one object, each in `shape`; the last 50."""
    outer, kept = (context.path, "values"), []
    for index, entry in enumerate(listed(value)[-MAX_VALUES:]):
        context.path = outer
        if type(entry) is dict:
            context.path = (outer, index)
            clean_record(entry, shape, _REST, context)
            kept.append(entry)
        elif entry is not None:
            context.note(index, "not an object")
    return kept


def _exceptions(value: Any, context: Context) -> dict[str, Any]:
    values = clean_values(value, _EXCEPTION, context)
    for entry in values:
        entry.setdefault("type", "")
        entry.setdefault("value", "")
    return {"values": [entry for entry in values if entry["type"] or entry["value"] or entry.get("stacktrace")]}


def _threads(value: Any, context: Context) -> dict[str, Any]:
    return {"values": clean_values(value, _THREAD, context)}


EXCEPTION = Field(None, None, _exceptions)
THREADS = Field(None, None, _threads)
