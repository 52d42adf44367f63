"""Zstandard frames, with one context a thread and level: making a context takes longer than a small frame."""

import threading

import zstandard

_local = threading.local()


def compress(data: bytes, level: int) -> bytes:
    compressors = _local.__dict__.setdefault("compressors", {})
    if level not in compressors:
        compressors[level] = zstandard.ZstdCompressor(level=level)
    packed: bytes = compressors[level].compress(data)
    return packed


def decompress(data: bytes | memoryview) -> bytes:
    """Return what `compress` was given. Raises `zstandard.ZstdError` for other bytes."""
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    plain: bytes = _local.decompressor.decompress(data)
    return plain
