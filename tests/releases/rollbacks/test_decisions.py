from datetime import UTC, datetime, timedelta

import pytest

from releases.rollbacks.decisions import fault_in_reason, is_same_version, is_way_back

START = datetime(2026, 11, 1, tzinfo=UTC)


def first_out(*versions: str) -> dict[str, datetime]:
    """The versions in the order in which they first went out."""
    return {version: START + timedelta(days=day) for day, version in enumerate(versions)}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2.0.1", "2.0.1", True),
        ("2.0.1", "2.0.0", False),
        ("api@2.0.1", "2.0.1", True),
        ("2.0.1", "api@2.0.1", True),
        ("api@2.0.1", "api@2.0.1", True),
        ("api@2.0.1", "worker@2.0.1", False),
        ("9f3c2e1", "9f3c2e1", True),
        ("", "", False),
        ("2.0.1", "", False),
    ],
)
def test_a_version_is_the_same_with_or_without_its_package(one: str, other: str, same: bool) -> None:
    assert is_same_version(one, other) is same


@pytest.mark.parametrize(
    ("version", "running", "ran", "back"),
    [
        # what ran there before, and is older
        ("2.0.0", "2.0.1", ["2.0.0", "2.0.1"], True),
        ("1.9.4", "2.0.1", ["1.9.4", "2.0.0", "2.0.1"], True),
        ("api@2.0.0", "api@2.0.1", ["api@2.0.0", "api@2.0.1"], True),
        ("2.0.0", "api@2.0.1", ["api@2.0.0", "api@2.0.1"], True),
        ("2.0.0-rc.1", "2.0.0", ["2.0.0-rc.1", "2.0.0"], True),
        ("2026.11.1", "2026.11.25", ["2026.11.1", "2026.11.25"], True),
        ("9f3c2e1", "41d07ba", ["9f3c2e1", "41d07ba"], True),
        ("2.0.0+8", "2.0.0+9", ["2.0.0+8", "2.0.0+9"], True),
        # a change, whatever its number
        ("2.0.2", "2.0.1", ["2.0.0", "2.0.1"], False),
        ("1.9.5", "2.0.1", ["1.9.4", "2.0.1"], False),
        ("0ab91d4", "41d07ba", ["9f3c2e1", "41d07ba"], False),
        # forward again, after it was rolled back
        ("2.0.1", "2.0.0", ["2.0.0", "2.0.1"], False),
        ("41d07ba", "9f3c2e1", ["9f3c2e1", "41d07ba"], False),
        # the same, of others, or not known
        ("2.0.1", "2.0.1", ["2.0.1"], False),
        ("worker@1.0.0", "api@2.0.0", ["worker@1.0.0", "api@2.0.0"], False),
        ("2.0.0", "", ["2.0.0", ""], False),
        ("", "2.0.1", ["", "2.0.1"], False),
    ],
)
def test_back_is_where_one_has_been(version: str, running: str, ran: list[str], back: bool) -> None:
    assert is_way_back(version, running, first_out(*ran)) is back


@pytest.mark.parametrize(
    ("text", "fault"),
    [("orders fail", ""), (" ", "is empty"), ("x" * 300, ""), ("x" * 301, "longer than 300"), ("a\x00b", "control")],
)
def test_a_reason_is_a_line_for_people(text: str, fault: str) -> None:
    assert fault in fault_in_reason(text)
    assert bool(fault) is bool(fault_in_reason(text))
