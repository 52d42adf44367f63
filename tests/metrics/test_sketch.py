import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewatch.metrics import sketch

some_users = st.sets(st.text(max_size=8), max_size=40)


@pytest.mark.parametrize("count", [1, 2, 10, 100, 1000, 5000, 12_000, 60_000])
def test_the_estimate_is_near(count):
    registers = sketch.registers_of(f"user-{number}" for number in range(count))
    # three standard errors of 1.6%, and never more than one off for a handful
    assert sketch.estimate(registers) == pytest.approx(count, rel=0.05, abs=1)


def test_the_same_user_again_changes_nothing():
    once = sketch.registers_of(["a", "b"])
    assert sketch.registers_of(["a", "b"] * 50) == once
    assert sketch.estimate(once) == 2


def test_nobody_is_zero():
    assert sketch.estimate(sketch.EMPTY) == 0
    assert sketch.estimate(sketch.merge([])) == 0
    assert sketch.unpack(b"") == sketch.EMPTY


def test_saturated_registers_still_answer():
    saturated, usual = bytes([sketch.RANK_BITS + 1]) * 4000, bytes([1]) * 96
    assert sketch.estimate(saturated + usual) > sketch.estimate(bytes([2]) * 4000 + usual)


def test_few_users_take_little_room():
    assert len(sketch.pack(sketch.registers_of(str(number) for number in range(20)))) < 150


@given(some_users, some_users, some_users)
@settings(max_examples=25)
def test_merging_is_associative_and_equals_counting_together(one, two, three):
    a, b, c = (sketch.registers_of(part) for part in (one, two, three))
    left = sketch.merge([sketch.merge([a, b]), c])
    assert left == sketch.merge([a, sketch.merge([b, c])]) == sketch.registers_of(one | two | three)


@given(some_users)
@settings(max_examples=25)
def test_packed_registers_come_back(users):
    registers = sketch.registers_of(users)
    assert sketch.unpack(sketch.pack(registers)) == registers
