"""Which of the files that commits touched stand in a stack trace. Values in, values out.

A frame's path begins where the application was installed (`/srv/app/risk/margin.py`), a commit's where the repository
begins (`services/risk/app/risk/margin.py`): both end alike. The longest common end wins, so that of two files of one
name the right one is found. In Java and Python the module says the folders too (`app.risk.margin`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

MOST_FRAMES = 200
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://[^/]*")  # app:///, webpack:///, https://host; a drive has one letter
_TAIL = re.compile(r"[?#].*$")
_PARTIAL_FROM = 2  # segments that must be alike where neither path ends in the whole other one
Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A place of a stack trace. `depth` 0 is where the error was raised. `paths`: what may be its file, as segments."""

    paths: tuple[Segments, ...]
    modules: tuple[Segments, ...]
    is_ours: bool
    depth: int
    place: str

    @property
    def keys(self) -> set[Segments]:
        return {_key_of(each) for each in (*self.paths, *self.modules)}


@dataclass(frozen=True, slots=True)
class Match:
    """A touched path in a trace. `length`: how many segments are alike."""

    path: str
    frame: Frame
    length: int

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Sorts the most telling match first: our own code, near where it was raised, with most segments alike."""
        return (not self.frame.is_ours, self.frame.depth, -self.length)


def frames_of(document: Mapping[str, object]) -> list[Frame]:
    """Return the frames of an event's document (see `errors.normalise`), the innermost of the last error first."""
    frames = [frame for stack in _stacks(document) for frame in reversed(_list(_dict(stack).get("frames")))]
    return [_frame(_dict(frame), depth) for depth, frame in enumerate(frames[:MOST_FRAMES])]


def matches(paths: Iterable[str], frames: Sequence[Frame]) -> dict[str, Match]:
    """Return {path: its most telling match}, for those of the touched `paths` that stand in the trace."""
    by_key: dict[Segments, dict[str, Segments]] = {}
    for path in paths:
        segments = segments_of(path)
        for key in {_key_of(each) for each in (segments, _without_ending(segments)) if each}:
            by_key.setdefault(key, {})[path] = segments
    found: dict[str, Match] = {}
    for frame in _first_of_each(frames):
        touched = {path: segments for key in frame.keys for path, segments in by_key.get(key, {}).items()}
        likeness = {path: _likeness(segments, frame) for path, segments in touched.items()}
        closest = max(likeness.values(), default=(0, 0))
        for path in (path for path, each in likeness.items() if each == closest and each[0]):
            match = Match(path, frame, closest[0])
            if path not in found or match.rank < found[path].rank:
                found[path] = match
    return found


def segments_of(path: str) -> Segments:
    """Return the parts of a path of any system or scheme, without those that say nothing: `.`, a drive, a query."""
    plain = _TAIL.sub("", _SCHEME.sub("", path)).replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if parts and re.fullmatch(r"[A-Za-z]:", parts[0]):
        parts = parts[1:]
    return tuple(parts)


def _key_of(path: Segments) -> Segments:
    """Return the last two segments in small letters: what has not even them in common is not compared."""
    return tuple(each.lower() for each in path[-_PARTIAL_FROM:])


def _first_of_each(frames: Iterable[Frame]) -> list[Frame]:
    """Return the innermost frame of each file: a recursion has hundreds."""
    return list({(frame.paths, frame.modules, frame.is_ours): frame for frame in reversed(list(frames))}.values())


def _likeness(touched: Segments, frame: Frame) -> tuple[int, int]:
    """Return how many last segments the file has in common with the frame, and how many of them letter by letter."""
    pairs = [(touched, path) for path in frame.paths]
    pairs += [(_without_ending(touched), module) for module in frame.modules if len(module) >= _PARTIAL_FROM]
    return max((_common_end(*pair, is_ours=frame.is_ours) for pair in pairs), default=(0, 0))


def _common_end(one: Segments, other: Segments, *, is_ours: bool) -> tuple[int, int]:
    """Return (0, 0) where too little is alike to be one file: `utils.py` alone is anybody's."""
    alike = list(takewhile(lambda pair: pair[0].lower() == pair[1].lower(), zip(one[::-1], other[::-1], strict=False)))
    length, exact = len(alike), sum(left == right for left, right in alike)
    if length == len(one) == len(other):
        return length, exact
    is_whole = length in (len(one), len(other))
    return (length, exact) if length >= _PARTIAL_FROM and (is_whole or is_ours) else (0, 0)


def _without_ending(path: Segments) -> Segments:
    """Return `app/risk/margin` of `app/risk/margin.py` and of `app/risk/margin/__init__.py`."""
    if not path:
        return path
    stem = PurePosixPath(path[-1]).stem
    return path[:-1] if stem == "__init__" else (*path[:-1], stem)


def _frame(frame: Mapping[str, object], depth: int) -> Frame:
    names = [str(frame[key]) for key in ("abs_path", "filename") if isinstance(frame.get(key), str)]
    module = str(frame.get("module") or "")
    paths = dict.fromkeys(segments for name in names if (segments := segments_of(name)))
    place = names[-1] if names else module
    line, function = frame.get("lineno"), frame.get("function")
    return Frame(
        paths=tuple(paths),
        modules=tuple(_modules(module)),
        is_ours=bool(frame.get("in_app")),
        depth=depth,
        place=f"{place}{f':{line}' if isinstance(line, int) else ''}{f' in {function}' if function else ''}",
    )


def _modules(module: str) -> Iterator[Segments]:
    """Yield a module's folders and name: of `com.acme.risk.Margin$Limit` the file is `Margin`."""
    parts = tuple(part for part in re.split(r"[./]|::", module.partition("$")[0]) if part)
    if parts:
        yield parts


def _stacks(document: Mapping[str, object]) -> Iterator[object]:
    for error in reversed(_list(_dict(document.get("exception")).get("values"))):
        yield _dict(error).get("stacktrace")
    yield document.get("stacktrace")
    for thread in _list(_dict(document.get("threads")).get("values")):
        if _dict(thread).get("crashed") or _dict(thread).get("current"):
            yield _dict(thread).get("stacktrace")


def _dict(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
