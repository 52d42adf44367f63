from typing import Any

from tradewatch.dashboard.document import read_document


def value(name: str, number: int, parent: int | None = None, **mechanism: Any) -> dict[str, Any]:
    numbered = {"exception_id": number, **mechanism} | ({} if parent is None else {"parent_id": parent})
    return {"type": name, "value": f"{name} said so", "mechanism": numbered}


def shown(*values: dict[str, Any]) -> list[tuple[int, str, str]]:
    """As (depth, type, note). Values stand as SDKs send them: the outermost last."""
    document = {"exception": {"values": list(reversed(values))}}
    return [(each.depth, each.type, each.note) for each in read_document(document).exceptions]


def test_a_group_is_a_tree_with_its_members_numbered() -> None:
    assert shown(
        value("ExceptionGroup", 0, is_exception_group=True),
        value("VenueTimeout", 1, 0, source="exceptions[0]"),
        value("ExceptionGroup", 2, 0, source="exceptions[1]", is_exception_group=True),
        value("KeyError", 3, 2, source="exceptions[0]"),
    ) == [
        (0, "ExceptionGroup", "2 in this group"),
        (1, "VenueTimeout", "1 of 2 in ExceptionGroup"),
        (1, "ExceptionGroup", "2 of 2 in ExceptionGroup"),
        (2, "KeyError", "1 of 1 in ExceptionGroup"),
    ]


def test_the_cause_of_a_member_stands_below_it() -> None:
    assert shown(
        value("ExceptionGroup", 0, is_exception_group=True),
        value("OrderError", 1, 0, source="exceptions[0]"),
        value("KeyError", 2, 1, source="__cause__"),
        value("VenueTimeout", 3, 0, source="exceptions[1]"),
    ) == [
        (0, "ExceptionGroup", "2 in this group"),
        (1, "OrderError", "1 of 2 in ExceptionGroup"),
        (1, "KeyError", "cause"),
        (1, "VenueTimeout", "2 of 2 in ExceptionGroup"),
    ]


def test_the_cause_of_the_group_itself_is_no_member() -> None:
    assert shown(
        value("ExceptionGroup", 0, is_exception_group=True),
        value("Reason", 1, 0, source="__context__"),
        value("VenueTimeout", 2, 0, source="exceptions[0]"),
    ) == [
        (0, "ExceptionGroup", "raised while handling Reason"),
        (1, "VenueTimeout", "1 of 1 in ExceptionGroup"),
        (0, "Reason", "was being handled"),
    ]


def test_numbers_that_make_no_tree_are_shown_as_a_chain() -> None:
    ring = shown(value("A", 0, 1), value("B", 1, 0))
    twice = shown(value("A", 0), value("B", 0))
    itself = shown(value("A", 0, 0), value("B", 1, 0))
    assert (
        [name for _, name, _ in ring] == [name for _, name, _ in twice] == [name for _, name, _ in itself] == ["A", "B"]
    )


def test_a_message_of_many_lines_is_shown_whole_below_its_first() -> None:
    [one] = read_document({"exception": {"values": [{"type": "E", "value": "first\nsecond"}]}}).exceptions
    assert (one.value, one.text) == ("first", "first\nsecond")


def test_fifty_exceptions_show_half_and_count_the_rest() -> None:
    document = {"exception": {"values": [{"type": f"E{n}", "value": "x"} for n in range(50)]}}
    view = read_document(document)
    assert (len(view.exceptions), view.exceptions_left_out) == (25, 25)
