"""What an issue and its counters need to know of an event, read from its canonical document (see `normalise`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.grouping import message_template

Document = Mapping[str, Any]

UNTITLED = "Event without a message"
_NAMED_CONTEXTS = ("browser", "os", "runtime")
_TAGGED_FIELDS = ("release", "environment", "level", "transaction", "server_name")
USER_KEYS = ("id", "username", "email", "ip_address")
_MAX_KEY, _MAX_VALUE = 64, 200
_SEVERITIES = frozenset(ErrorSeverity.values)


@dataclass(frozen=True, slots=True)
class Thrown:
    """One exception of a chain, as far as classifying needs it. `modules`: its own and that of its innermost frame."""

    type: str
    modules: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`thrown` starts with the exception that was caught last; a message event has one without a type."""

    title: str
    exception_type: str
    message: str
    culprit: str
    severity: str
    transaction: str
    release: str
    environment: str
    trace_id: str
    tags: Mapping[str, str]
    thrown: Sequence[Thrown]


def facts_of(document: Document) -> Facts:
    exceptions = [each for each in (document.get("exception") or {}).get("values") or () if each]
    thrown = tuple(_thrown(each) for each in reversed(exceptions)) or (Thrown("", (), _message(document)),)
    transaction = _text(document.get("transaction"))[:200]
    return Facts(
        title=_title(thrown[0]),
        exception_type=thrown[0].type[:200],
        message=thrown[0].message[:500],
        culprit=(_culprit(exceptions) or transaction)[:250],
        severity=_severity(document),
        transaction=transaction,
        release=_text(document.get("release"))[:250],
        environment=_text(document.get("environment"))[:64],
        trace_id=_text(_context(document, "trace").get("trace_id"))[:32],
        tags={key[:_MAX_KEY]: value[:_MAX_VALUE] for key, value in _tags(document) if key and value},
        thrown=thrown,
    )


def user_hashes(document: Document, *, key: bytes) -> tuple[int, ...]:
    """Return a hash of each way the event names its user: id, name, mail, address. The first is the one that counts."""
    user = document.get("user") or {}
    given = ((name, user.get(name)) for name in USER_KEYS)
    return tuple(
        identity_hash(name, value, key=key)
        for name, value in given
        if value not in (None, "", "{{auto}}", "[Filtered]")
    )


def identity_hash(name: str, value: object, *, key: bytes) -> int:
    """Return a signed 64-bit hash of what a user is called, `name` being one of `USER_KEYS`.

    Keyed (at most 64 bytes), so that the hash of an address does not give the address away.
    """
    digest = blake2b(f"{name}:{value}".encode("utf-8", "replace"), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "big", signed=True)


def _severity(document: Document) -> str:
    level = document.get("level")
    return level if level in _SEVERITIES else ErrorSeverity.ERROR.value


def _title(thrown: Thrown) -> str:
    first_line = thrown.message.strip().split("\n", 1)[0].strip()
    return (": ".join(part for part in (thrown.type, first_line) if part) or UNTITLED)[:250]


def _thrown(exception: Document) -> Thrown:
    frame = _innermost_frame(exception)
    modules = (_text(exception.get("module")), _text(frame.get("module") if frame else None))
    return Thrown(
        type=_text(exception.get("type")),
        modules=tuple(module for module in modules if module),
        message=_text(exception.get("value")),
    )


def _message(document: Document) -> str:
    entry = document.get("logentry") or {}
    return _text(entry.get("formatted")) or message_template(document)


def _culprit(exceptions: Sequence[Document]) -> str:
    """Return `app.risk.margin in check_margin`: where the last exception came from."""
    for exception in reversed(exceptions):
        frame = _innermost_frame(exception)
        if frame:
            return f"{frame.get('module') or frame.get('filename') or '?'} in {frame.get('function') or '?'}"
    return ""


def _innermost_frame(exception: Document) -> Document | None:
    """Return the last in-app frame; without one the last frame."""
    frames: Sequence[Document] = (exception.get("stacktrace") or {}).get("frames") or ()
    last: Document | None = None
    for frame in reversed(frames):
        if frame and frame.get("in_app"):
            return frame
        last = last or frame
    return last


def _tags(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the client's tags, then ours, which win."""
    yield from ((str(key), _text(value)) for key, value in (document.get("tags") or {}).items())
    for name in _TAGGED_FIELDS:
        yield name, _text(document.get(name))
    for name in _NAMED_CONTEXTS:
        yield name, _text(_context(document, name).get("name"))
    url = (document.get("request") or {}).get("url")
    if url:
        yield "url", _path(str(url))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return ""


def _context(document: Document, name: str) -> Document:
    context: Document = (document.get("contexts") or {}).get(name) or {}
    return context


def _text(value: object) -> str:
    return "" if value is None else str(value)
