"""What an upload says of an artifact, and what is wrong with that. Values in, values out."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tradewatch.core.faults import Fault
from tradewatch.projects.versions import fault_in_text

LONGEST_NAME, LONGEST_DIST, MOST_HEADERS, LONGEST_HEADER = 500, 64, 20, 1000
SHA1 = re.compile(r"[0-9a-f]{40}")


class TooLarge(Fault):
    """More than a setting allows."""

    status = 413


@dataclass(frozen=True, slots=True)
class Draft:
    """`name` as its uploader wrote it, e.g. `~/static/app.js`; `dist` empty: of any distribution."""

    name: str
    content: bytes = field(repr=False)
    dist: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha1(self) -> str:
        return sha1_of(self.content)


def sha1_of(content: bytes) -> str:
    """Return what names content to sentry-cli; it protects nothing."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def faults_in(draft: Draft) -> Mapping[str, Sequence[str]]:
    """Return what is wrong, by field; empty when nothing is."""
    found = {
        "name": _fault_in_line(draft.name, LONGEST_NAME) if draft.name.strip() else "is empty",
        "dist": _fault_in_line(draft.dist, LONGEST_DIST),
        "header": _fault_in_headers(draft.headers),
    }
    return {name: [text] for name, text in found.items() if text}


def read_headers(lines: Iterable[str]) -> dict[str, str]:
    """Return {name: value} of lines such as `Sourcemap: app.js.map`; one without a colon has an empty value."""
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def words_of_bytes(size: int) -> str:
    """Return `32 MiB`, or bytes where it is less than one."""
    return f"{size // 1024**2} MiB" if size >= 1024**2 else f"{size} bytes"


def inflated(packed: bytes, *, most: int) -> bytes | None:
    """Return what gzip had packed; None where it is none, or unpacks to more than `most` bytes."""
    reader = zlib.decompressobj(wbits=31)
    try:
        content = reader.decompress(packed, most + 1)
    except zlib.error:
        return None
    return content if reader.eof and len(content) <= most and not reader.unused_data else None


def _fault_in_headers(headers: Mapping[str, str]) -> str:
    if len(headers) > MOST_HEADERS:
        return f"are more than {MOST_HEADERS}"
    faults = (_fault_in_line(f"{name}: {value}", LONGEST_HEADER) for name, value in headers.items())
    return next((fault for fault in faults if fault), "")


def _fault_in_line(text: str, longest: int) -> str:
    return f"is longer than {longest} characters" if len(text) > longest else fault_in_text(text)
