"""What a dead letter says of the exception that made it: types and places, never a message, which may quote payload."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from traceback import FrameSummary, extract_tb

from tradewatch.inbox.decoding import DecodingError
from tradewatch.inbox.envelope import EnvelopeError
from tradewatch.inbox.handlers import Unreadable

MAX_REASON = 300

_WRITTEN_FOR_READERS = (Unreadable, DecodingError, EnvelopeError)  # their texts are sentences without payload


@dataclass(frozen=True, slots=True)
class Blame:
    """`reason` is one line for a person; `detail` the trip of the exception, empty where the reason says it all."""

    reason: str
    detail: str = ""


def blame(error: Exception) -> Blame:
    if isinstance(error, _WRITTEN_FOR_READERS):
        return Blame(str(error)[:MAX_REASON])
    frames = extract_tb(error.__traceback__)
    place = f" in {_place(frames[-1])}" if frames else ""
    return Blame(f"{type(error).__name__}{place}"[:MAX_REASON], "\n".join(_trip(error)))


def _trip(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _trip(cause)
        yield "which led to"
    yield type(error).__name__
    for frame in extract_tb(error.__traceback__):
        yield f"  {_place(frame)}: {frame.line}"


def _place(frame: FrameSummary) -> str:
    return f"{frame.name} ({'/'.join(PurePath(frame.filename).parts[-3:])}:{frame.lineno})"
