import logging

import pytest

from tradewatch.facade.failures import failure_counts, swallowed


def fail() -> None:
    with swallowed("send"):
        raise ConnectionError("password=hunter2")


def test_failures_surface_in_tests() -> None:
    with pytest.raises(ConnectionError):
        fail()


def test_failures_are_counted_by_operation_and_stay_inside(swallowing: None) -> None:
    fail()
    fail()
    with swallowed("flush"):
        raise ValueError
    assert failure_counts() == {"send": 2, "flush": 1}


def test_the_log_names_the_kind_of_failure_and_not_its_text(swallowing: None, caplog: pytest.LogCaptureFixture) -> None:
    fail()
    assert "operation=send reason=ConnectionError" in caplog.text
    assert "hunter2" not in caplog.text
    assert all(record.levelno < logging.ERROR for record in caplog.records)


def test_what_ends_the_program_is_not_swallowed(swallowing: None) -> None:
    with pytest.raises(KeyboardInterrupt), swallowed("send"):
        raise KeyboardInterrupt
    assert failure_counts() == {}
