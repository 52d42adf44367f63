"""What a session keeps of the moment: the parts around the document, packed."""

from collections.abc import Sequence

import orjson
import zstandard

from debugging.contexts.parts import Part


def pack_parts(parts: Sequence[Part]) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(orjson.dumps([part.as_json() for part in parts]))
