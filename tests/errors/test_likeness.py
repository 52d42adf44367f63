import pytest

from tests.errors.documents import make_event, make_exception, make_frame
from tradewatch.errors.likeness import frames_of, likeness, look_of

MINE = look_of(
    "no margin account for ACC-1 at venue lmax", "app.risk in check", {"app.risk in check", "app.api in post"}
)


@pytest.mark.parametrize(
    ("message", "culprit", "frames", "score", "why"),
    [
        (
            "no margin account for ACC-77 at venue lmax",
            "app.risk in check",
            {"app.risk in check", "app.api in post"},
            1.0,
            "same type, same message, same culprit, same frames",
        ),
        (
            "no margin account for ACC-1 at venue xnys",
            "app.risk in check",
            set(),
            0.87,
            "same type, message 80% alike, same culprit",
        ),
        ("out of memory", "app.cache in get", {"app.cache in get"}, 0.0, "same type"),
        ("out of memory", "app.api in post", {"app.risk in check", "app.api in post"}, 0.4, "same type, same frames"),
    ],
)
def test_how_alike(message: str, culprit: str, frames: set[str], score: float, why: str) -> None:
    found = likeness(MINE, look_of(message, culprit, frames))
    assert (found.score, found.why) == (pytest.approx(score, abs=0.01), why)


def test_messages_without_words_are_alike() -> None:
    assert likeness(look_of("12", ""), look_of("13", "")).score == pytest.approx(0.67)


def test_our_frames_stand_for_the_stack() -> None:
    stack = [make_frame("app", "starlette.routing"), make_frame("check", "app.risk")]
    assert frames_of(make_event(make_exception(frames=stack))) == {"app.risk in check"}
    assert frames_of(make_event(make_exception(frames=stack[:1]))) == {"starlette.routing in app"}
    assert frames_of({}) == frozenset()
