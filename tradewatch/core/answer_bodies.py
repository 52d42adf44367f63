"""The body of an answer, as much of it as is read: inflated within bounds, whatever the other side sends."""

import re
import zlib
from dataclasses import dataclass

import httpx

PLAIN = {"Accept-Encoding": "identity"}  # what to ask for where nothing speaks against it
_CHARSETS = re.compile(
    r"utf-?8|us-ascii|ascii|latin-?1|iso-8859-(?:[1-9]|1[0-1]|1[3-6])|windows-125[0-8]|koi8-[ru]|gbk|gb2312|gb18030|"
    r"big5|shift[-_]jis|euc-(?:jp|kr)"
)
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Body:
    """The first of a body's bytes. `is_cut`: the other side had more than were wanted."""

    data: bytes
    is_cut: bool
    fault: str = ""


def encodings_of(response: httpx.Response) -> list[str]:
    """Return how a body is encoded, in the order in which that was done."""
    named = [each.strip().lower() for each in response.headers.get("Content-Encoding", "").split(",")]
    return [each for each in named if each not in ("", "identity")]


async def read_body(response: httpx.Response, *, most_bytes: int, beyond: int = 0) -> Body:
    """Return up to `most_bytes` + `beyond`, of a body that is cut behind `most_bytes`.

    httpx would inflate a piece at once, whatever becomes of it. Raises what the connection raises; what cannot be
    inflated is told in `fault`.
    """
    encodings, most_raw = encodings_of(response), most_bytes + beyond
    if encodings and (len(encodings) > 1 or encodings[0] not in ("gzip", "x-gzip", "deflate")):
        return Body(b"", is_cut=True, fault=f"the body was not read: it is encoded as {', '.join(encodings)[:60]}")
    inflate = zlib.decompressobj(_GZIP_OR_ZLIB) if encodings else None
    data, raw_bytes = bytearray(), 0
    async for piece in response.aiter_raw(16_384):
        raw_bytes += len(piece)
        try:
            data += _inflated(inflate, piece, most_raw - len(data)) if inflate else piece
        except zlib.error:
            return Body(bytes(data), is_cut=True, fault="the body breaks off: it is no valid gzip")
        if len(data) >= most_raw or raw_bytes >= most_raw:
            break
    is_cut = len(data) > most_bytes or bool(inflate and not inflate.eof and raw_bytes)
    return Body(bytes(data[:most_raw]), is_cut=is_cut)


def _inflated(inflate: "zlib._Decompress", piece: bytes, room: int) -> bytes:
    """At most `room` bytes: what a small piece would become is never made at once."""
    return inflate.decompress(piece, max(1, room))


def text_of_body(data: bytes, content_type: str) -> str | None:
    """Return the body as text, in UTF-8 where it names none of the usual charsets; None for what is no text.

    Only those: Python knows codecs that take time with the square of the length.
    """
    if b"\0" in data[:4096]:
        return None
    _, _, parameters = content_type.partition(";")
    named = [each.strip().partition("=") for each in parameters.split(";")]
    charset = next((value.strip("\"' ").lower() for name, _, value in named if name.strip().lower() == "charset"), "")
    return data.decode(charset if _CHARSETS.fullmatch(charset) else "utf-8", "replace")
