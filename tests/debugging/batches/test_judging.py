import pytest

from debugging.batches.judging import Measure, Seen, Yardstick, measure_of, verdict_of
from debugging.batches.shrinking import Verdict
from debugging.choices import Reproduced

YES, NO, OTHER = Reproduced.YES, Reproduced.NO, Reproduced.OTHER
PENDING, NOT_KNOWN = Reproduced.PENDING, Reproduced.UNKNOWN
BY_ISSUE, BY_STATUS = Measure(Yardstick.ISSUE, 500), Measure(Yardstick.STATUS, 500)
FAILS, PASSES, UNKNOWN = Verdict.FAILS, Verdict.PASSES, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("status", "reproduced", "measure", "verdict"),
    [
        (500, YES, BY_ISSUE, FAILS),
        (200, YES, Measure(Yardstick.ISSUE, 200), FAILS),  # it was reported, whatever was answered
        (None, YES, Measure(Yardstick.ISSUE, 0), FAILS),  # it hung up, and reported
        (500, NOT_KNOWN, BY_STATUS, FAILS),
        (422, PENDING, Measure(Yardstick.STATUS, 422), FAILS),
        (500, OTHER, None, PASSES),
        (500, NO, None, PASSES),  # the target reported the request, and not this error
        (200, NOT_KNOWN, None, PASSES),
        (None, NOT_KNOWN, None, UNKNOWN),
    ],
)
def test_what_tries_are_judged_by(
    status: int | None, reproduced: Reproduced, measure: Measure | None, verdict: Verdict
) -> None:
    assert measure_of(Seen(status, reproduced)) == (measure, verdict)


@pytest.mark.parametrize(
    ("status", "reproduced", "measure", "verdict"),
    [
        (500, YES, BY_ISSUE, FAILS),
        (502, YES, BY_ISSUE, FAILS),
        (500, NO, BY_ISSUE, PASSES),
        (500, OTHER, BY_ISSUE, PASSES),
        (200, PENDING, BY_ISSUE, PASSES),
        (500, NOT_KNOWN, BY_ISSUE, PASSES),
        (None, NOT_KNOWN, BY_ISSUE, UNKNOWN),
        (None, YES, BY_ISSUE, FAILS),
        (500, NO, BY_STATUS, FAILS),
        (503, NO, BY_STATUS, PASSES),
        (None, NO, BY_STATUS, UNKNOWN),
    ],
)
def test_the_same_way(status: int | None, reproduced: Reproduced, measure: Measure, verdict: Verdict) -> None:
    assert verdict_of(Seen(status, reproduced), measure) == verdict
