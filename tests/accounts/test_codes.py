from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from tests.accounts.builders import code_of
from tradewatch.accounts.codes import (
    key_words,
    matching_step,
    new_recovery_codes,
    new_seed,
    otpauth_uri,
    qr_svg,
    recovery_digest,
    wait_after,
)

# RFC 6238, appendix B: the seed of its SHA-1 vectors; theirs have eight digits, ours are the last six.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert matching_step(SEED, code, now=moment(at), after_step=-1) == at // 30


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, is_taken: bool) -> None:
    code = code_of(SEED, steps=steps, now=1_700_000_000)
    assert (matching_step(SEED, code, now=moment(1_700_000_000), after_step=-1) is not None) is is_taken


def test_a_spent_step_is_taken_no_more_and_neither_are_those_before_it() -> None:
    now = 1_700_000_000
    step = now // 30
    for steps in (-1, 0):
        assert matching_step(SEED, code_of(SEED, steps=steps, now=now), now=moment(now), after_step=step) is None
    assert matching_step(SEED, code_of(SEED, steps=1, now=now), now=moment(now), after_step=step) == step + 1


@pytest.mark.parametrize(
    "code", ["", "28708", "2870822", "28708２", "+28708", "-28708", "287.82", "abcdef", "\0" * 6, "9" * 5000]
)
def test_nonsense_is_a_wrong_code(code: str) -> None:
    assert matching_step(SEED, code, now=moment(59), after_step=-1) is None


def test_spaces_in_a_code_do_not_matter() -> None:
    assert matching_step(SEED, " 287 082 ", now=moment(59), after_step=-1) == 1


@pytest.mark.parametrize("seed", ["", "not base 32!"])
def test_a_seed_that_cannot_be_read_opens_nothing(seed: str) -> None:
    assert matching_step(seed, "000000", now=moment(59), after_step=-1) is None


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (50, 900), (10**6, 900)]
)
def test_the_wait_grows_with_the_failures(failures: int, seconds: int) -> None:
    assert wait_after(failures) == timedelta(seconds=seconds)


def test_recovery_codes_are_ten_different_ones_of_eighty_bits() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {19}


@pytest.mark.parametrize("typed", ["k7qd-2m5x-9rtb-h4wn", "K7QD 2M5X 9RTB H4WN", "k7qd2m5x9rtbh4wn"])
def test_a_recovery_code_may_be_typed_in_any_way(typed: str) -> None:
    assert recovery_digest(typed) == recovery_digest("k7qd-2m5x-9rtb-h4wn")


def test_the_key_can_be_typed_off() -> None:
    seed = new_seed()
    assert key_words(seed).replace(" ", "") == seed
    assert len(seed) == 32


def test_the_qr_code_is_an_svg_without_anything_the_policy_refuses() -> None:
    uri = otpauth_uri(SEED, username='mara "<x>&', issuer="TradeWatch")
    assert uri.startswith("otpauth://totp/TradeWatch%3Amara%20%22%3Cx%3E%26?secret=" + SEED)
    tree = ElementTree.fromstring(qr_svg(uri))
    assert tree.tag.endswith("svg") and "viewBox" in tree.attrib, "it scales with the page"
    assert not [each for each in tree.iter() if "style" in each.attrib or each.tag.endswith(("style", "script"))]
