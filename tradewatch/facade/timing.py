"""Measures what a decorated function takes, whatever kind of function it is."""

import functools
import inspect
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

Record = Callable[[float, BaseException | None], None]  # seconds, and what ended it


def timed(function: Callable[Parameters, Returned], record: Record) -> Callable[Parameters, Returned]:
    """Return `function` measured: a call, an awaited call, or all that a generator did itself.

    Of a generator the time between its values counts, not what the caller does with them.
    """
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        def iterate_async(*args: Any, **kwargs: Any) -> Any:
            return _timed_async_generator(function(*args, **kwargs), record)

        return cast(Callable[Parameters, Returned], iterate_async)
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def iterate(*args: Any, **kwargs: Any) -> Any:
            return _timed_generator(function(*args, **kwargs), record)

        return cast(Callable[Parameters, Returned], iterate)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wait(*args: Any, **kwargs: Any) -> Any:
            with Stopwatch(record):
                return await function(*args, **kwargs)

        return cast(Callable[Parameters, Returned], wait)

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        with Stopwatch(record):
            return function(*args, **kwargs)

    return call


class Stopwatch:
    """Records how long its block took and what ended it, which it lets through."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._started = time.perf_counter()

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._record(time.perf_counter() - self._started, error)


def _timed_generator(inner: Generator[Any, Any, Any], record: Record) -> Generator[Any, Any, Any]:
    spent, ended_by = 0.0, None
    step: Callable[[], Any] = lambda: next(inner)  # noqa: E731
    try:
        while True:
            started = time.perf_counter()
            try:
                value = step()
            except StopIteration as end:
                return end.value
            except BaseException as error:
                ended_by = error
                raise
            finally:
                spent += time.perf_counter() - started
            try:
                sent = yield value
                step = functools.partial(inner.send, sent)
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as thrown:
                step = functools.partial(inner.throw, thrown)
    finally:
        record(spent, ended_by)


async def _timed_async_generator(inner: AsyncGenerator[Any, Any], record: Record) -> AsyncGenerator[Any, Any]:
    spent, ended_by = 0.0, None
    step: Callable[[], Any] = inner.__anext__
    try:
        while True:
            started = time.perf_counter()
            try:
                value = await step()
            except StopAsyncIteration:
                return
            except BaseException as error:
                ended_by = error
                raise
            finally:
                spent += time.perf_counter() - started
            try:
                sent = yield value
                step = functools.partial(inner.asend, sent)
            except GeneratorExit:
                await inner.aclose()
                raise
            except BaseException as thrown:
                step = functools.partial(inner.athrow, thrown)
    finally:
        record(spent, ended_by)
