from tradewatch.inbox.blame import MAX_REASON, blame
from tradewatch.inbox.decoding import BodyTooLargeError
from tradewatch.inbox.handlers import Unreadable


def raised(fail) -> Exception:
    try:
        fail()
    except Exception as error:
        return error
    raise AssertionError("nothing raised")


def look_up_secret():
    return {}["hunter2"]


def convert_secret():
    try:
        look_up_secret()
    except KeyError as error:
        raise ValueError("hunter2 is no number") from error


def test_a_surprise_is_told_by_type_and_place():
    found = blame(raised(look_up_secret))
    assert found.reason.startswith("KeyError in look_up_secret (tests/inbox/test_blame.py:")
    assert "look_up_secret (tests/inbox/test_blame.py:" in found.detail


def test_the_chain_is_told_from_its_cause_on():
    lines = blame(raised(convert_secret)).detail.splitlines()
    assert lines[0] == "KeyError"
    assert lines.index("which led to") < lines.index("ValueError")


def test_messages_that_may_quote_payload_are_left_out():
    secret = "".join(["hunter", "3"])

    def fail():
        raise ValueError(secret)

    found = blame(raised(fail))
    assert secret not in found.reason + found.detail


def test_sentences_written_for_readers_are_the_reason():
    assert blame(raised_with(Unreadable("The event is not a JSON object."))).reason == "The event is not a JSON object."
    assert blame(raised_with(BodyTooLargeError("too large"))).detail == ""


def test_reasons_fit_their_column():
    assert len(blame(Unreadable("x" * 1000)).reason) == MAX_REASON
    assert blame(ValueError("never raised")).reason == "ValueError"


def raised_with(error: Exception) -> Exception:
    def fail():
        raise error

    return raised(fail)
