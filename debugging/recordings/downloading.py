"""A recording as one JSON list of rrweb's events, segment by segment, in bounded memory."""

from collections.abc import AsyncIterator, Iterator, Sequence

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from debugging.models import BrowserReplay, BrowserReplaySegment
from tradewatch.core.frames import decompress


def download_of(request: HttpRequest, row: BrowserReplay) -> StreamingHttpResponse:
    """Under ASGI Django would first read a plain iterator to its end."""
    pieces = pieces_async(row) if isinstance(request, ASGIRequest) else pieces_of(row)
    answer = StreamingHttpResponse(pieces, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="replay-{row.replay_id.hex}.json"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def pieces_of(row: BrowserReplay) -> Iterator[bytes]:
    """Yield the list; one segment, of at most TRADEWATCH_REPLAY_SEGMENT_MAX_BYTES, is in memory at a time."""
    yield b"["
    for place, pk in enumerate(_keys(row)):
        yield _piece(pk, is_first=place == 0)
    yield b"]"


async def pieces_async(row: BrowserReplay) -> AsyncIterator[bytes]:
    yield b"["
    for place, pk in enumerate(await sync_to_async(_keys)(row)):
        yield await sync_to_async(_piece)(pk, is_first=place == 0)
    yield b"]"


def _keys(row: BrowserReplay) -> Sequence[int]:
    return list(row.segments.filter(event_count__gt=0).order_by("number").values_list("pk", flat=True))


def _piece(pk: int, *, is_first: bool) -> bytes:
    """One that went meanwhile is left out, with its comma."""
    data = BrowserReplaySegment.objects.filter(pk=pk).values_list("data", flat=True).first()
    inner = decompress(data)[1:-1] if data else b""
    return inner if is_first or not inner else b"," + inner
