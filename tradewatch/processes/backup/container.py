"""The file: a line that names it, a zstd stream of records, and the BLAKE2b hash of all bytes before it.

A record is its length (4 bytes, big-endian) and msgpack: the header (a map), then for each table a map that begins it,
arrays of rows, and a map that ends it with the number of its rows and their hash; a last map that says that it is the
last. What is cut off or changed anywhere shows in one pass, before anything is restored.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import zstandard

from tradewatch.processes.backup.faults import BackupFault, Damaged

FIRST_LINE = b"TradeWatch backup 1\n"
HASH_BYTES = 32
BLOCK_BYTES = 1 << 20
LEVEL = 3
LEAST_FREE_BYTES = 512 << 20  # below this TradeWatch is not ready: a backup must not be why
_LOOK_EACH_BYTES = 64 << 20
_LARGEST_RECORD = 1 << 30
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

Record = Mapping[str, Any]


class Writing:
    """A backup under a name that nobody takes for one; it gets its own on `finish`, wholly on disk. Mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path, self._draft = path, path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._file = os.fdopen(os.open(self._draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        self._hash = hashlib.blake2b(digest_size=HASH_BYTES)
        self._stream = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
        self._written = self._looked_at = 0
        self._put(FIRST_LINE)

    def __enter__(self) -> "Writing":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def record(self, record: Record) -> None:
        self._add(_encode(record))

    def rows(self, rows: Sequence[bytes]) -> None:
        """Write rows, each one msgpack, as one array."""
        self._add(b"\xdd" + len(rows).to_bytes(4, "big") + b"".join(rows))

    def finish(self) -> int:
        """Make it durable under its name; return its size in bytes. Never replaces a file."""
        self._put(self._stream.flush())
        self._file.write(self._hash.digest())
        self._file.flush()
        os.fsync(self._file.fileno())
        try:
            os.link(self._draft, self._path)  # a link, not a rename: it never replaces
        except FileExistsError:
            raise BackupFault(f"{self._path} exists already: name another file") from None
        _sync_folder(self._path.parent)
        return self._written + HASH_BYTES

    def _add(self, record: bytes) -> None:
        self._put(self._stream.compress(len(record).to_bytes(4, "big") + record))

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._file.write(data)
        self._written += len(data)
        if self._written - self._looked_at > _LOOK_EACH_BYTES:
            self._looked_at = self._written
            if shutil.disk_usage(self._path.parent).free < LEAST_FREE_BYTES:
                raise BackupFault(f"the disk of {self._path.parent} is nearly full: nothing was kept of this backup")


class Reading:
    """A file that is whole: raises `Damaged` at once when it is not. `header` is its first record."""

    def __init__(self, path: Path) -> None:
        _check_hash(path)
        self._file = path.open("rb")
        self._file.seek(len(FIRST_LINE))
        self._stream = zstandard.ZstdDecompressor().stream_reader(self._file, closefd=False)
        self.header: Record = _decode(self._next())

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def records(self) -> Iterator[Record | bytes]:
        """Yield maps as they are, and arrays of rows as bytes (see `rows_of`), until the last one."""
        while True:
            record = self._next()
            if record[:1] == b"\xdd":
                yield record
                continue
            found = _decode(record)
            if found.get("last"):
                return
            yield found

    def _next(self) -> bytes:
        try:
            length = int.from_bytes(self._exactly(4), "big")
            if length > _LARGEST_RECORD:
                raise Damaged("the backup is damaged: a record is longer than any that is written")
            return self._exactly(length)
        except zstandard.ZstdError:
            raise Damaged("the backup is damaged: it does not decompress") from None

    def _exactly(self, length: int) -> bytes:
        parts, missing = [], length
        while missing:
            part = self._stream.read(missing)
            if not part:
                raise Damaged("the backup is damaged: it ends before its last record")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def pack(row: Sequence[Any]) -> bytes:
    return _encode(row)


def packed_rows(record: bytes) -> bytes:
    """Return the rows of an array as they were packed one by one: what their hash is made of."""
    return record[5:]


def rows_of(record: bytes) -> list[list[Any]]:
    rows: list[list[Any]] = _decode(record)
    return rows


def _check_hash(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(FIRST_LINE)) != FIRST_LINE:
            raise Damaged(f"{path} is no backup of TradeWatch, or of a later version of it")
        file.seek(0)
        made = _hash_of(file, size - HASH_BYTES)
        if size < len(FIRST_LINE) + HASH_BYTES or file.read(HASH_BYTES) != made:
            raise Damaged(f"{path} is damaged: it was cut off or changed (its hash is another)")


def _hash_of(file: BufferedReader, length: int) -> bytes:
    hashed = hashlib.blake2b(digest_size=HASH_BYTES)
    while length > 0 and (part := file.read(min(BLOCK_BYTES, length))):
        hashed.update(part)
        length -= len(part)
    return hashed.digest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
