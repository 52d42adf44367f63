"""Whatever kind of function is measured, it behaves as it did."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tradewatch.facade.timing import timed

NAP = 0.05


class Recorded(list[tuple[float, BaseException | None]]):
    def __call__(self, seconds: float, error: BaseException | None) -> None:
        self.append((seconds, error))


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def test_a_call(recorded: Recorded) -> None:
    def add(one: int, *, other: int = 2) -> int:
        """Add."""
        time.sleep(NAP)
        return one + other

    measured = timed(add, recorded)
    assert measured(1, other=5) == 6
    [(seconds, error)] = recorded
    assert NAP <= seconds < NAP + 1 and error is None
    assert (measured.__name__, measured.__doc__) == ("add", "Add.")
    assert inspect.signature(measured) == inspect.signature(add)


def test_what_is_raised_goes_through(recorded: Recorded) -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        timed(fail, recorded)()
    assert isinstance(recorded[0][1], KeyError)


async def test_a_coroutine_is_measured_until_it_ends(recorded: Recorded) -> None:
    async def fetch(value: int) -> int:
        await asyncio.sleep(NAP)
        return value

    measured = timed(fetch, recorded)
    assert inspect.iscoroutinefunction(measured)
    assert await asyncio.gather(measured(1), measured(2)) == [1, 2]
    assert [NAP <= seconds < NAP + 1 for seconds, _ in recorded] == [True, True]
    task = asyncio.create_task(measured(3))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(recorded[2][1], asyncio.CancelledError)


def count_up(to: int) -> Iterator[int]:
    for number in range(to):
        time.sleep(NAP)
        yield number


def test_of_a_generator_its_own_time_counts(recorded: Recorded) -> None:
    values = []
    for value in timed(count_up, recorded)(3):
        values.append(value)
        time.sleep(3 * NAP)  # what the caller does
    [(seconds, error)] = recorded
    assert values == [0, 1, 2] and error is None
    assert 3 * NAP <= seconds < 6 * NAP


def test_a_generator_left_early_is_measured_and_closed(recorded: Recorded) -> None:
    closed = []

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    generator = timed(endless, recorded)()
    assert next(generator) == 1
    generator.close()  # type: ignore[attr-defined]
    assert closed == [True] and len(recorded) == 1 and recorded[0][1] is None


def test_a_generator_takes_values_and_errors_and_returns(recorded: Recorded) -> None:
    def echo() -> Any:
        heard = []
        try:
            while True:
                heard.append((yield len(heard)))
        except ValueError:
            yield "caught"
        return heard

    generator = timed(echo, recorded)()
    assert [next(generator), generator.send("a"), generator.send("b")] == [0, 1, 2]
    assert generator.throw(ValueError("x")) == "caught"
    with pytest.raises(StopIteration) as end:
        next(generator)
    assert end.value.value == ["a", "b"]
    assert len(recorded) == 1


async def test_an_async_generator_likewise(recorded: Recorded) -> None:
    closed = []

    async def ticks(to: int) -> AsyncIterator[int]:
        try:
            for number in range(to):
                await asyncio.sleep(NAP)
                yield number
        finally:
            closed.append(True)

    measured = timed(ticks, recorded)
    seen = []
    async for value in measured(3):
        seen.append(value)
        await asyncio.sleep(3 * NAP)
    assert seen == [0, 1, 2] and 3 * NAP <= recorded[0][0] < 6 * NAP
    left = measured(9)
    await left.__anext__()
    await left.aclose()  # type: ignore[attr-defined]
    assert closed == [True, True] and len(recorded) == 2
