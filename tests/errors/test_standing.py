"""Rules that stand: read at most every two seconds, compiled only when they changed."""

import pytest

from tradewatch.errors import standing
from tradewatch.errors.standing import Standing


class Table:
    def __init__(self, *rows: str) -> None:
        self.rows, self.reads, self.compiled = rows, 0, list[tuple[str, ...]]()

    def read(self) -> tuple[str, ...]:
        self.reads += 1
        return self.rows

    def compile(self, rows: tuple[str, ...]) -> str:
        self.compiled.append(rows)
        return "+".join(rows)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(standing.time, "monotonic", lambda: now[0])
    return now


def test_a_table_is_read_again_only_after_two_seconds(clock: list[float]) -> None:
    table = Table("a")
    rules = Standing(table.read, table.compile)
    assert rules.current() == "a"
    table.rows = ("a", "b")
    clock[0] += 2.0
    assert (rules.current(), table.reads) == ("a", 1)
    clock[0] += 0.1
    assert (rules.current(), table.reads) == ("a+b", 2)


def test_what_has_not_changed_is_not_compiled_again(clock: list[float]) -> None:
    table = Table("a")
    rules = Standing(table.read, table.compile)
    for _ in range(3):
        rules.current()
        clock[0] += 5.0
    assert table.reads == 3
    assert table.compiled == [(), ("a",)]


def test_forgotten_rules_are_read_at_once(clock: list[float]) -> None:
    table = Table("a")
    rules = Standing(table.read, table.compile)
    rules.current()
    table.rows = ("b",)
    rules.forget()
    assert rules.current() == "b"


def test_a_table_that_cannot_be_read_leaves_the_old_rules_to_the_next_try(clock: list[float]) -> None:
    table = Table("a")
    rules = Standing(table.read, table.compile)
    rules.current()
    clock[0] += 5.0
    rules._read = lambda: 1 / 0  # type: ignore[assignment, return-value]
    with pytest.raises(ZeroDivisionError):
        rules.current()
    rules._read = lambda: ("c",)
    assert rules.current() == "c"
