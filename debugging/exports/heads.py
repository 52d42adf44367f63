"""What each file says of itself at its head: where it is from, which variables it reads, what is not in it."""

from collections.abc import Iterator

from debugging.exports.pieces import lost_of, one_line
from debugging.exports.shapes import TARGET_VARIABLE, Reproduction, Slot


def head_lines(repro: Reproduction) -> Iterator[str]:
    """Yield lines without the sign of a comment; none holds a line break."""
    yield one_line(f"{repro.name}: {repro.title}")
    yield one_line(repro.url)
    yield "Read from the environment:"
    yield f"  {TARGET_VARIABLE}: where it is sent ({repro.base_url or 'must be set'})"
    for slot in repro.slots:
        yield f"  {slot.variable}: {one_line(slot.words)}, {_why(slot)}"
    if lost := lost_of(repro):
        yield f"Taken out before it was stored, or not to be sent, and not known here: {', '.join(lost)}"


def _why(slot: Slot) -> str:
    if slot.is_required:
        return "a secret of the target: must be set"
    return "which the client or scrubbing took out: sent where it is set"
