"""When a bug counts as gone, by the status that its request is answered with."""

from collections.abc import Iterator

from debugging.exports.shapes import Reproduction

# Sent on elsewhere, who are you, not allowed, too many: the answer came before the code in question. 302 and 303 are
# how a form that worked answers.
REFUSED = (301, 307, 308, 401, 403, 407, 429)


def is_gone(status: int, *, failing: int | None, expected: int | None) -> bool:
    """Return what the file asserts."""
    if expected is not None:
        return status == expected
    return status < 500 and status not in REFUSED and status != failing


def words_of_gone(repro: Reproduction) -> Iterator[str]:
    if repro.expected_status is not None:
        yield f"Gone when the answer's status is {repro.expected_status}."
        return
    was = repro.failing_status
    known = f"It was answered with {was}." if was is not None else "With which status it was answered is not known."
    yield f"{known} Gone when the answer is no 5xx" + (f", and not {was}." if was is not None and was < 500 else ".")
    if was is None:
        yield "If the application catches this error and answers all the same, say which status is right: expect=201."
