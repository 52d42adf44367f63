import pytest

from tradewatch.errors import choices as stored
from tradewatch.errors import classification
from tradewatch.facade import choices, events


@pytest.mark.parametrize("name", ["ErrorSeverity", "ErrorCategory"])
def test_the_facade_and_the_server_know_the_same_values(name: str) -> None:
    ours = {member.name: member.value for member in getattr(choices, name)}
    theirs = {member.name: member.value for member in getattr(stored, name)}
    assert list(ours.items()) == list(theirs.items())


def test_both_sides_name_the_category_by_the_same_tag() -> None:
    assert events.CATEGORY_TAG == classification.CATEGORY_TAG


def test_only_critical_has_another_name_in_the_sdk() -> None:
    assert [severity.sdk_level for severity in choices.ErrorSeverity] == ["debug", "info", "warning", "error", "fatal"]
