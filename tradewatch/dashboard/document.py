"""An event's stored document (see `errors.normalise`) as the issue page shows it. Pure: a document in, lines out.

Nothing is trusted to be there: old documents stay readable when the canonical shape grows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson

Document = Mapping[str, Any]
# What scrubbing here leaves, and what SDKs leave in place of what they removed themselves.
_REMOVED = re.compile(r"\[removed(?:: ?(?P<kind>[^\]]{1,40}))?\]|\[Filtered\]")
_LIBRARY_ROOTS = re.compile(r"(?:site-packages|dist-packages|node_modules|lib/python[\d.]+)/")
MAX_VALUE_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a value's text; `is_removed` is drawn hatched."""

    text: str
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int | None
    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    function: str
    line: int | None
    is_ours: bool
    source: list[SourceLine]
    variables: list[Pair]


@dataclass(frozen=True, slots=True)
class FrameGroup:
    """Frames in a row. Ours stand open one by one; those of libraries fold into one line named `label`."""

    is_ours: bool
    frames: list[Frame]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of the chain, the outermost first; `note` says how it hangs together with the next."""

    type: str
    value: list[Part]
    note: str
    groups: list[FrameGroup]


@dataclass(frozen=True, slots=True)
class Crumb:
    offset: str
    category: str
    level: str
    text: list[Part]


@dataclass(frozen=True, slots=True)
class RequestView:
    method: str
    url: list[Part]
    pairs: list[Pair]
    headers: list[Pair]
    body: list[Part]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    pairs: list[Pair]


@dataclass(frozen=True, slots=True)
class EventView:
    exceptions: list[Raised]
    message: list[Part]
    crumbs: list[Crumb]
    request: RequestView | None
    user: list[Pair]
    contexts: list[Section]
    sdk: str
    server: str
    removed_count: int
    unkept: list[str] = field(default_factory=list)


def read_document(document: Document) -> EventView:
    return EventView(
        exceptions=list(_exceptions(document)),
        message=parts_of(_message(document)),
        crumbs=[_crumb(each, document.get("timestamp")) for each in _values(document.get("breadcrumbs"))],
        request=_request(document.get("request")),
        user=_pairs(document.get("user")),
        contexts=[*_contexts(document)],
        sdk=" ".join(str(_mapping(document.get("sdk")).get(key) or "") for key in ("name", "version")).strip(),
        server=str(document.get("server_name") or ""),
        removed_count=len(_list(document.get("_removed"))),
        unkept=[f"{each.get('path')}: {each.get('reason')}" for each in map(_mapping, _list(document.get("_errors")))],
    )


def parts_of(value: object) -> list[Part]:
    """Return the text of a JSON value, cut where something was removed. Text is shown as it is: SDKs send `repr`s."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    if value is None:
        text = "None"
    if len(text) > MAX_VALUE_LENGTH:
        text = text[:MAX_VALUE_LENGTH] + " …"
    parts, position = [], 0
    for found in _REMOVED.finditer(text):
        parts += [Part(text[position : found.start()]), Part(_removed_words(found), is_removed=True)]
        position = found.end()
    return [part for part in [*parts, Part(text[position:])] if part.text]


def _removed_words(found: re.Match[str]) -> str:
    return f"removed: {found['kind']}" if found["kind"] else "removed"


# --- exceptions ----------------------------------------------------------------------------------------------------
def _exceptions(document: Document) -> Iterator[Raised]:
    """Yield the chain as people read it: what was raised last first, then what it came from."""
    chain = [_mapping(each) for each in reversed(_values(document.get("exception")))]
    for place, each in enumerate(chain):
        cause = chain[place + 1] if place + 1 < len(chain) else None
        yield Raised(
            type=str(each.get("type") or "Error"),
            value=parts_of(str(each.get("value") or "")),
            note=_note(each, cause, is_first=place == 0),
            groups=_groups(each.get("stacktrace")),
        )
    if not chain and document.get("stacktrace"):
        yield Raised("Stack trace", [], "", _groups(document.get("stacktrace")))


def _note(each: Document, cause: Document | None, *, is_first: bool) -> str:
    if is_first and cause is not None:
        source = _mapping(each.get("mechanism")).get("source")
        verb = "caused by" if source == "__cause__" else "raised while handling"
        return f"{verb} {cause.get('type') or 'another error'}"
    return "" if is_first else "came before"


def _groups(stacktrace: object) -> list[FrameGroup]:
    """Return the frames, the innermost first; without a frame of ours all stand open."""
    frames = [_frame(_mapping(each)) for each in reversed(_list(_mapping(stacktrace).get("frames")))]
    if not any(frame.is_ours for frame in frames):
        return [FrameGroup(True, [frame]) for frame in frames]
    groups: list[FrameGroup] = []
    for is_ours, members in groupby(frames, key=lambda frame: frame.is_ours):
        run = list(members)
        if is_ours or len(run) == 1:
            groups += [FrameGroup(is_ours, [frame]) for frame in run]
        else:
            groups.append(FrameGroup(False, run, label=_fold_label(run)))
    return groups


def _fold_label(frames: Sequence[Frame]) -> str:
    names = dict.fromkeys(_library(frame.file) for frame in frames)
    shown = ", ".join([*names][:3]) + (" and others" if len(names) > 3 else "")
    return f"{len(frames)} frames of {shown}"


def _library(file: str) -> str:
    tail = _LIBRARY_ROOTS.split(file)[-1].lstrip("/")
    return tail.split("/")[0].removesuffix(".py") or file


def _frame(frame: Document) -> Frame:
    line = frame.get("lineno") if isinstance(frame.get("lineno"), int) else None
    return Frame(
        file=str(frame.get("filename") or frame.get("module") or frame.get("abs_path") or "unknown file"),
        function=str(frame.get("function") or "unknown function"),
        line=line,
        is_ours=bool(frame.get("in_app")),
        source=list(_source(frame, line)),
        variables=_pairs(frame.get("vars")),
    )


def _source(frame: Document, line: int | None) -> Iterator[SourceLine]:
    hit = frame.get("context_line")
    if hit is None:
        return
    before, after = _list(frame.get("pre_context")), _list(frame.get("post_context"))
    first = None if line is None else line - len(before)
    for offset, text in enumerate([*before, hit, *after]):
        number = None if first is None else first + offset
        yield SourceLine(number, str(text), is_hit=offset == len(before))


# --- what surrounds them -------------------------------------------------------------------------------------------
def _message(document: Document) -> str:
    entry = _mapping(document.get("logentry"))
    return str(entry.get("formatted") or entry.get("message") or "")


def _crumb(each: object, event_at: object) -> Crumb:
    crumb = _mapping(each)
    data = crumb.get("data")
    message = str(crumb.get("message") or "")
    extra = orjson.dumps(data, default=str).decode() if data else ""
    return Crumb(
        offset=_offset(crumb.get("timestamp"), event_at),
        category=str(crumb.get("category") or crumb.get("type") or "default"),
        level=str(crumb.get("level") or "info"),
        text=parts_of(" ".join(filter(None, [message, extra]))),
    )


def _offset(at: object, event_at: object) -> str:
    if not isinstance(at, int | float) or not isinstance(event_at, int | float):
        return ""
    seconds = at - event_at
    return f"{seconds:.3f} s".replace("-", "−")


def _request(request: object) -> RequestView | None:
    if not isinstance(request, Mapping) or not request:
        return None
    shown = ("method", "url", "headers", "data")
    return RequestView(
        method=str(request.get("method") or ""),
        url=parts_of(str(request.get("url") or "")),
        pairs=_pairs({name: value for name, value in request.items() if name not in shown and value}),
        headers=_pairs(request.get("headers")),
        body=parts_of(request["data"]) if request.get("data") not in (None, "") else [],
    )


def _contexts(document: Document) -> Iterator[Section]:
    for name, values in _mapping(document.get("contexts")).items():
        if isinstance(values, Mapping) and values:
            yield Section(str(name), _pairs({key: value for key, value in values.items() if key != "type"}))
    if document.get("extra"):
        yield Section("extra", _pairs(document["extra"]))
    if document.get("modules"):
        yield Section("modules", _pairs(document["modules"]))


def _pairs(values: object) -> list[Pair]:
    """Return names with their values, from an object or from a list of pairs (headers, cookies)."""
    if isinstance(values, Mapping):
        return [Pair(str(name), parts_of(value)) for name, value in values.items()]
    pairs = [each for each in _list(values) if isinstance(each, Sequence) and len(each) == 2]
    return [Pair(str(name), parts_of(value)) for name, value in pairs]


def _values(container: object) -> list[Any]:
    return [each for each in _list(_mapping(container).get("values")) if each]


def _mapping(value: object) -> Document:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
