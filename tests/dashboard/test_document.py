from typing import Any

import pytest

from tests.dashboard.builders import DOCUMENT
from tradewatch.dashboard.document import Part, parts_of, read_document


def test_the_chain_starts_with_what_was_raised_last() -> None:
    first, cause = read_document(DOCUMENT).exceptions
    assert (first.type, first.note) == ("MarginCheckError", "caused by KeyError")
    assert (cause.type, cause.note) == ("KeyError", "came before")


def test_our_frames_stand_open_and_library_frames_fold() -> None:
    ours, folded = read_document(DOCUMENT).exceptions[0].groups
    assert ours.frames[0].file == "app/risk/margin.py"
    assert folded.label == "2 frames of fastapi, starlette"


def test_source_lines_are_numbered_around_the_hit() -> None:
    frame = read_document(DOCUMENT).exceptions[0].groups[0].frames[0]
    assert [(line.number, line.is_hit) for line in frame.source] == [(51, False), (52, False), (53, True), (54, False)]


def test_without_a_frame_of_ours_none_is_folded_away() -> None:
    frames = [{"filename": "a.js"}, {"filename": "b.js"}]
    document = {"exception": {"values": [{"type": "E", "value": "", "stacktrace": {"frames": frames}}]}}
    assert [group.frames[0].file for group in read_document(document).exceptions[0].groups] == ["b.js", "a.js"]


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("plain", [Part("plain")]),
        ("[Filtered]", [Part("removed", is_removed=True)]),
        ("a [removed: token] b", [Part("a "), Part("removed: token", is_removed=True), Part(" b")]),
        ({"pin": "[Filtered]"}, [Part('{"pin":"'), Part("removed", is_removed=True), Part('"}')]),
        (None, [Part("None")]),
        (200, [Part("200")]),
    ],
)
def test_removed_values_are_set_apart(value: object, parts: list[Part]) -> None:
    assert parts_of(value) == parts


def test_breadcrumbs_count_back_from_the_event() -> None:
    assert read_document(DOCUMENT).crumbs[0].offset == "−1.500 s"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"exception": None, "breadcrumbs": [], "request": "GET /", "contexts": None},
        {"exception": {"values": [None, {"type": None, "stacktrace": {"frames": None}}]}},
        {"exception": {"values": [{"stacktrace": {"frames": [None, {"lineno": "53", "context_line": "x"}]}}]}},
        {"request": {"headers": [["only one"], "text", None]}, "user": [1, 2], "contexts": {"a": "b"}},
        {"_errors": [None], "_removed": "x", "breadcrumbs": {"values": [{"timestamp": "noon"}]}},
    ],
)
def test_a_strange_document_is_still_readable(document: dict[str, Any]) -> None:
    assert read_document(document).sdk == ""
