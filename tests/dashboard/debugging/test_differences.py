"""What a replay's answer differs in, as its lines are shown."""

from debugging.replays.comparing import compare
from debugging.replays.originals import Original, Part
from debugging.replays.outcome import Outcome
from tradewatch.dashboard.debugging.differences import MOST_SHOWN, Difference, differences_of


def test_lines_name_what_came_what_went_and_whence_it_is_known() -> None:
    before = Original(
        body=Part('{"error": "x", "legs": [1, null]}', "replay 3"), headers=Part((("A", "1"),), "replay 3")
    )
    diff = compare(before, Outcome(201, headers=(("A", "2"), ("B", "1")), body='{"id": 7, "legs": [1, 2]}'))
    found = differences_of(diff)
    assert found.source == "replay 3" and found.left_out == 0
    assert list(found.shown) == [
        Difference("/error", "x", None),
        Difference("/legs/1", "null", "2"),
        Difference("/id", None, "7"),
        Difference("a", "1", "2"),
        Difference("b", None, "1"),
    ]


def test_texts_differ_by_line_and_nothing_is_known_without_an_original() -> None:
    text = compare(Original(body=Part("one\ntwo", "replay 3")), Outcome(500, body="one\nthree"))
    assert sorted(str((each.before, each.after)) for each in differences_of(text).shown) == [
        "('two', None)", "(None, 'three')"
    ]  # fmt: skip
    nothing = differences_of(compare(Original(), Outcome(500, body="{}")))
    assert (list(nothing.shown), nothing.source) == ([], "")
    assert list(differences_of({}).shown) == []


def test_many_are_cut_and_counted() -> None:
    one, other = (str([number] * 300).replace(" ", "") for number in (1, 2))
    found = differences_of(compare(Original(body=Part(one, "replay 3")), Outcome(500, body=other)))
    assert len(found.shown) == MOST_SHOWN and found.left_out == 280
