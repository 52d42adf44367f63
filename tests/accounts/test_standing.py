import pytest

from tradewatch.accounts.standing import SessionFacts, Standing, standing_of


@pytest.mark.parametrize(
    ("is_ended", "authenticator", "passed", "is_required", "expected"),
    [
        (False, None, None, False, Standing.ADMITTED),
        (False, None, None, True, Standing.NEEDS_ENROLMENT),
        (False, None, 7, True, Standing.NEEDS_ENROLMENT),  # its factor was reset
        (False, 7, None, False, Standing.NEEDS_CODE),
        (False, 7, 6, False, Standing.NEEDS_CODE),  # a code of the factor before
        (False, 7, 7, False, Standing.ADMITTED),
        (False, 7, 7, True, Standing.ADMITTED),
        (True, None, None, False, Standing.ENDED),
        (True, 7, 7, False, Standing.ENDED),
    ],
)
def test_a_session_stands_when_nothing_is_missing(is_ended, authenticator, passed, is_required, expected) -> None:  # type: ignore[no-untyped-def]
    facts = SessionFacts(is_ended=is_ended, authenticator_id=authenticator, passed_id=passed)
    assert standing_of(facts, is_required=is_required) is expected
