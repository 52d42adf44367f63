import pytest

from tradewatch.projects.rules import MAX_SCRUB_FIELDS, fault_in_scrub_fields, fault_in_slug


@pytest.mark.parametrize("names", [[], ["account_pin"], ["Client-Ref", "desk badge"], ["x"] * MAX_SCRUB_FIELDS])
def test_fields_of_ones_own_are_taken(names: list[str]) -> None:
    assert fault_in_scrub_fields(names) == ""


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ("account_pin", "expected a list"),
        ([1], "expected a list"),
        ([" "], "expected a list"),
        (None, "expected a list"),
        (["x"] * (MAX_SCRUB_FIELDS + 1), "at most 100"),
        (["account_pin", "exception"], "exception: part of every event"),
        (["stack-trace"], "stack-trace: part of every event"),
        (["Event_ID", "frames"], "Event_ID, frames: part of every event"),
    ],
)
def test_what_cannot_be_a_field_is_refused_in_words(names: object, fault: str) -> None:
    assert fault in fault_in_scrub_fields(names)


@pytest.mark.parametrize(("slug", "is_good"), [("desk", True), ("desk-7", True), ("7", False)])
def test_a_slug_is_no_id(slug: str, is_good: bool) -> None:
    assert (fault_in_slug(slug) == "") is is_good
