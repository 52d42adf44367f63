import pytest

from tradewatch.inbox.event_ids import new_event_id, normal_event_id

ID = "9ec79c33ec9942ab8353589fcb2e04dc"


@pytest.mark.parametrize("value", [ID, ID.upper(), "9ec79c33-ec99-42ab-8353-589fcb2e04dc", f" {ID} "])
def test_ids_in_any_spelling_are_the_same(value):
    assert normal_event_id(value) == ID


@pytest.mark.parametrize("value", [None, 7, "", ID[:-1], ID + "0", "z" * 32, "9ec79c33-ec9942ab8353589fcb2e04dc", [ID]])
def test_what_is_no_id_is_none(value):
    assert normal_event_id(value) is None


def test_new_ids_are_normal_and_differ():
    assert normal_event_id(new_event_id()) != new_event_id()
