"""What was unpacked lately, bounded in bytes, the least used first to go. Of this process; threads may share it."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar

MOST_BYTES = 64 * 1024 * 1024


class Sized(Protocol):
    cost: int  # bytes that it may take, unpacked


Value = TypeVar("Value", bound=Sized)


class Memory(Generic[Value]):
    """Keys say all that their value depends on, e.g. (block, revision): nothing in here is ever stale."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._used = most_bytes, 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if (value := self._values.get(key)) is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            if (before := self._values.pop(key, None)) is not None:
                self._used -= before.cost
            self._values[key] = value
            self._used += value.cost
            while self._used > self._most:
                _, oldest = self._values.popitem(last=False)
                self._used -= oldest.cost

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self._used = 0
