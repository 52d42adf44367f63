"""Text files that are made while they are sent, in bounded memory."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

LINES_A_BLOCK = 500


def streamed_file(request: HttpRequest, lines: Iterator[str], *, name: str, content_type: str) -> StreamingHttpResponse:
    """Return the answer that sends lines as a file. Under ASGI Django would first read a plain iterator to its end."""
    content = _in_blocks(lines) if isinstance(request, ASGIRequest) else lines
    answer = StreamingHttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def _in_blocks(lines: Iterator[str]) -> AsyncIterator[str]:
    while block := await sync_to_async(_next_block)(lines):
        yield block


def _next_block(lines: Iterator[str]) -> str:
    return "".join(islice(lines, LINES_A_BLOCK))
