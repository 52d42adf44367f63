"""Which events have one cause: hashes of what stays the same between reports.

spec/ingest.md, Grouping: the client's fingerprint; else the exception chain with its frames; else type and message.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from tradewatch.errors.parameterise import parameterise

GROUPING_VERSION = 1

Document = Mapping[str, Any]
Part = str
Variant = list[Part]  # what one hash is made of, in order
Mechanism = Callable[[Document], list[Variant]]

DEFAULT_PART = "{{ default }}"
_DEFAULT_MARKS = frozenset({DEFAULT_PART, "{{default}}"})
_MAX_SOURCE_LINE = 200  # longer lines are minified bundles: they change with every build


@dataclass(frozen=True, slots=True)
class Grouping:
    """`hashes` maps each hash to the version of the mechanism that made it, the primary one first.

    Any of them that is known leads to its issue. `components` is what the primary hash was made of, in words.
    """

    hashes: Mapping[str, int]
    version: int
    components: Sequence[str]


def group(
    document: Document,
    mechanisms: Mapping[int, Mechanism] | None = None,
    *,
    fingerprint: Sequence[str] | None = None,
) -> Grouping:
    """Return the hashes of an event by every mechanism, newest first.

    `fingerprint` is what a project's rule says (see `fingerprinting`); it stands above the client's.

    The older mechanisms stay in use: an event that a better one would put elsewhere still finds its old issue.
    """
    mechanisms = mechanisms or MECHANISMS
    newest = max(mechanisms)
    parts = document.get("fingerprint") if fingerprint is None else fingerprint
    variants = {
        version: _with_fingerprint(document, parts, mechanisms[version]) for version in sorted(mechanisms, reverse=True)
    }
    hashes: dict[str, int] = {}
    for version, made in variants.items():
        for variant in made:
            hashes.setdefault(_hash(variant), version)
    return Grouping(hashes=hashes, version=newest, components=tuple(variants[newest][0]))


def _with_fingerprint(document: Document, parts: Sequence[str] | None, mechanism: Mechanism) -> list[Variant]:
    """Return the variants with a fingerprint applied: `{{ default }}` in it stands for the computed ones."""
    fingerprint = [str(part) for part in parts or ()]
    if not fingerprint:
        return mechanism(document)
    if not any(part in _DEFAULT_MARKS for part in fingerprint):
        return [["fingerprint", *fingerprint]]
    if len(fingerprint) == 1:
        return mechanism(document)
    return [["fingerprint", *_inserted(fingerprint, variant)] for variant in mechanism(document)]


def _inserted(fingerprint: list[str], variant: Variant) -> Iterator[Part]:
    for part in fingerprint:
        if part in _DEFAULT_MARKS:
            yield from variant
        else:
            yield part


def group_v1(document: Document) -> list[Variant]:
    """Return the variant of in-app frames and that of all frames; one alone where they do not differ."""
    exceptions = [each for each in (document.get("exception") or {}).get("values") or () if each]
    if not exceptions:
        return [["message", parameterise(message_template(document))]]
    in_app, every = _chain(exceptions)
    return [every] if in_app is None or in_app == every else [in_app, every]


def message_template(document: Document) -> str:
    """Return the text of a message event, before its parameters were filled in where the client kept that."""
    entry = document.get("logentry") or {}
    return str(entry.get("message") or entry.get("formatted") or document.get("message") or "")


def _chain(exceptions: Sequence[Document]) -> tuple[Variant | None, Variant]:
    """Return the parts of the whole chain, cause first: with in-app frames only (None without any), and with all."""
    in_app: Variant = []
    every: Variant = []
    has_in_app = False
    for exception in exceptions:
        head = [str(exception.get("type") or "exception")]
        frames = _frames(exception)
        if not frames:
            head.append(parameterise(str(exception.get("value") or "")))
        ours, all_parts = _stack(frames)
        has_in_app = has_in_app or bool(ours)
        in_app += head + ours
        every += head + all_parts
    return in_app if has_in_app else None, every


def _stack(frames: Sequence[Document]) -> tuple[Variant, Variant]:
    """Return the parts of the in-app frames, and of all. A recursion is one place, however deep it went."""
    in_app: Variant = []
    every: Variant = []
    for frame in frames:
        part = _frame(frame)
        if frame.get("in_app") and (not in_app or in_app[-1] != part):
            in_app.append(part)
        if not every or every[-1] != part:
            every.append(part)
    return in_app, every


def _frames(exception: Document) -> Sequence[Document]:
    return [frame for frame in (exception.get("stacktrace") or {}).get("frames") or () if frame]


def _frame(frame: Document) -> Part:
    place = frame.get("module") or frame.get("filename") or ""
    line = (frame.get("context_line") or "").strip()
    return f"{place} in {frame.get('function') or '?'}: {line if len(line) <= _MAX_SOURCE_LINE else ''}"


def _hash(variant: Variant) -> str:
    return md5("\x00".join(variant).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


MECHANISMS: Mapping[int, Mechanism] = {GROUPING_VERSION: group_v1}
