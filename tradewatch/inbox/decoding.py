"""Content encodings, decompressed under a cap: a bomb costs a bounded amount of memory and time."""

import contextlib
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import cast

import brotli
import zstandard
from isal import isal_zlib

_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's wbits
_ISAL_ERROR = cast(type[Exception], isal_zlib.IsalError)  # its stubs call the class an instance
_SLICE_BYTES = 65_536
_STEP_BYTES = 1 << 20
# 256 bytes of zstd can stand for 8 MiB (blocks of one repeated byte), and the decoder returns them at once.
_ZSTD_SLICE_BYTES = 256
_ZSTD_WINDOW_BYTES = (
    1 << 23
)  # what a decoder must support (RFC 8878, 3.1.1.1.2); more lets the sender choose our memory
_MAX_MEMBERS = 1_000

_ALIASES = {"": "identity", "x-gzip": "gzip"}


class DecodingError(ValueError):
    """The body cannot be decompressed; the text is a sentence for the sender."""

    status = 400


class UnknownEncodingError(DecodingError):
    status = 415


class BodyTooLargeError(DecodingError):
    status = 413


def encoding_name(content_encoding: str) -> str:
    """Return the name TradeWatch stores for a Content-Encoding header. Raises `UnknownEncodingError`."""
    name = content_encoding.strip().lower()
    name = _ALIASES.get(name, name)
    if name not in _DECODERS:
        raise UnknownEncodingError(f"The Content-Encoding is not one of {', '.join(sorted(_DECODERS))}.")
    return name


def inflate(body: bytes, encoding: str, *, limit: int) -> bytes:
    """Return the decompressed body, of at most `limit` bytes. `encoding` is one of `encoding_name`'s.

    Raises `BodyTooLargeError` as soon as the limit is passed, `DecodingError` for a broken or unfinished stream.
    """
    if encoding == "identity" and len(body) <= limit:
        return body
    if encoding == "gzip":
        # By far the most frequent: one member, in one step. What this decoder stops at, zlib judges below.
        stream = isal_zlib.decompressobj(_GZIP)
        with contextlib.suppress(_ISAL_ERROR):
            plain = bytes(stream.decompress(body, _STEP_BYTES))
            if stream.eof and not stream.unused_data and len(plain) <= limit:
                return plain
    plain_body = BytesIO()  # hands its buffer over in the end, where joining pieces would hold everything twice
    for piece in _DECODERS[encoding](body):
        if plain_body.tell() + len(piece) > limit:
            raise BodyTooLargeError(f"The body is larger than {limit} bytes once decompressed.")
        plain_body.write(piece)
    return plain_body.getvalue()


def _identity(body: bytes) -> Iterator[bytes]:
    yield body


def _gzip(body: bytes) -> Iterator[bytes]:
    """Yield the plain bytes of all members; zero bytes after the last one are padding."""
    stream = zlib.decompressobj(_GZIP)
    members = 1
    for start in range(0, len(body), _SLICE_BYTES):  # slices keep `unused_data`, a copy of the rest, small
        data = body[start : start + _SLICE_BYTES]
        while data:
            if stream.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                members += 1
                if members > _MAX_MEMBERS:
                    raise DecodingError(f"The body has more than {_MAX_MEMBERS} gzip members.")
                stream = zlib.decompressobj(_GZIP)
            yield from _steps(stream, data, "gzip")
            data = stream.unused_data
    if not stream.eof:
        raise DecodingError("The gzip stream ends too early.")


def _deflate(body: bytes) -> Iterator[bytes]:
    """Yield the plain bytes of a zlib stream, or of a bare deflate stream, which old clients send by the same name."""
    has_zlib_header = len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] * 256 + body[1]) % 31 == 0
    stream = zlib.decompressobj(_ZLIB if has_zlib_header else _RAW_DEFLATE)
    yield from _steps(stream, body, "deflate")
    if not stream.eof:
        raise DecodingError("The deflate stream ends too early.")
    if stream.unused_data:
        raise DecodingError("Something follows the end of the deflate stream.")


def _steps(stream: "zlib._Decompress", data: bytes, name: str) -> Iterator[bytes]:
    try:
        piece = stream.decompress(data, _STEP_BYTES)
        yield piece
        # A full step may leave plain bytes inside the decoder even when it has taken all of its input.
        while stream.unconsumed_tail or (len(piece) == _STEP_BYTES and not stream.eof):
            piece = stream.decompress(stream.unconsumed_tail, _STEP_BYTES)
            yield piece
    except zlib.error:
        raise DecodingError(f"The body is not valid {name}.") from None


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    try:
        piece = stream.process(body, output_buffer_limit=_STEP_BYTES)
        yield piece
        while not stream.is_finished() and (piece or not stream.can_accept_more_data()):
            piece = stream.process(b"", output_buffer_limit=_STEP_BYTES)
            yield piece
    except brotli.error:
        raise DecodingError("The body is not valid br.") from None
    if not stream.is_finished():
        raise DecodingError("The br stream ends too early.")


def _zstd(body: bytes) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
    stream = decompressor.decompressobj()
    frames = 1
    try:
        for start in range(0, len(body), _ZSTD_SLICE_BYTES):
            data = body[start : start + _ZSTD_SLICE_BYTES]
            while data:
                if stream.eof:
                    frames += 1
                    if frames > _MAX_MEMBERS:
                        raise DecodingError(f"The body has more than {_MAX_MEMBERS} zstd frames.")
                    stream = decompressor.decompressobj()
                yield stream.decompress(data)
                data = stream.unused_data
    except zstandard.ZstdError:
        raise DecodingError("The body is not valid zstd.") from None
    if not stream.eof:
        raise DecodingError("The zstd stream ends too early.")


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "identity": _identity,
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
