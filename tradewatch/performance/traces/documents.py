"""Documents on their way from an envelope to the store: scrubbed and packed at once when they will be kept, else late.

Scrubbing costs more than all else about a transaction, and most of a busy hour are counted and dropped. What the hour
has turned away so far says which; a guess that is wrong only moves the work to where documents are stored.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.keep import compress_document, pack_document
from tradewatch.inbox.lenient_json import loads_leniently
from tradewatch.performance.models import TraceHour
from tradewatch.performance.traces.choosing import Candidate, Cutoffs, admits
from tradewatch.performance.traces.reading import Unit
from tradewatch.projects.config import ProjectConfig

MAX_AGE_SECONDS = 2.0

_decoder = msgspec.msgpack.Decoder(dict[str, dict[str, float]])
_encode = msgspec.msgpack.Encoder().encode
_lock = threading.Lock()
_snapshot: Mapping[tuple[int, int], Cutoffs] = {}
_read_at = float("-inf")


@dataclass(slots=True)
class Document:
    """A document scrubbed and packed, or as it came to a project: then it is packed when somebody first asks."""

    packed: bytes = b""
    raw: bytes = b""
    project: ProjectConfig | None = None

    def pack(self) -> bytes:
        """Return it as it is stored. Raises `Unreadable` for what is nested too deeply to be written."""
        if self.project is not None:
            self.packed = pack_document(loads_leniently(self.raw), self.project, raw=self.raw)
            self.raw, self.project = b"", None
        return self.packed


def document_of_item(unit: Unit, document: dict[str, Any], arrival: Arrival, *, raw: bytes) -> Document:
    """Return the document of a unit; `raw` are its bytes as they were sent."""
    if _is_dropped_for_sure(unit):
        return Document(raw=raw, project=arrival.project)
    return Document(packed=compress_document(document, arrival, raw=raw))


def document_of_spans(unit: Unit, spans: list[Mapping[str, Any]], arrival: Arrival) -> Document:
    """Return the document of streamed spans, without the rest of the container that they came in."""
    document = {"version": 2, "items": spans}
    try:
        raw = orjson.dumps(document)
    except orjson.JSONEncodeError:  # too deep: to be said of now, not in the middle of a batch
        raw = None
    if raw is not None and _is_dropped_for_sure(unit):
        return Document(raw=raw, project=arrival.project)
    return Document(packed=compress_document(document, arrival, raw=raw))


def pack_cutoffs(cutoffs: Cutoffs) -> bytes:
    return _encode(cutoffs)


def unpack_cutoffs(data: bytes) -> Cutoffs:
    return _decoder.decode(data) if data else {}


def forget_cutoffs() -> None:
    """Make the next call read the database (in tests)."""
    global _read_at, _snapshot
    _read_at, _snapshot = float("-inf"), {}


def _is_dropped_for_sure(unit: Unit) -> bool:
    """Say whether nothing that can be read off a unit will keep it. An error in its trace still may."""
    cutoffs = _cutoffs().get((unit.project_id, int(unit.at_epoch) // 3600))
    if not cutoffs:
        return False
    candidate = Candidate(unit.identity, unit.name, unit.draw, unit.seconds, is_failed=unit.is_failed)
    return not admits(cutoffs, candidate)


def _cutoffs() -> Mapping[tuple[int, int], Cutoffs]:
    """Return what the newest hours turn away, read again when that is older than 2 s."""
    global _snapshot, _read_at
    if time.monotonic() - _read_at > MAX_AGE_SECONDS:
        with _lock:
            if time.monotonic() - _read_at > MAX_AGE_SECONDS:
                hours = TraceHour.objects.filter(hour__gte=int(time.time()) // 3600 - 1)
                _snapshot = {
                    (project_id, hour): unpack_cutoffs(bytes(data))
                    for project_id, hour, data in hours.values_list("project_id", "hour", "cutoffs")
                }
                _read_at = time.monotonic()
    return _snapshot
