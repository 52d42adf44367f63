"""What somebody sent begins no line of the log."""

import logging
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests.attacks.walk import Walked
from tradewatch.core.log_lines import OneLine

pytestmark = pytest.mark.once
FORGED = "2026-01-01 00:00:00,000 INFO tradewatch.accounts login of admin"
LINES = OneLine(fmt="%(asctime)s %(levelname)s %(name)s %(message)s")


def line_of(text: str, *, with_error: bool = False) -> str:
    found = None
    if with_error:
        try:
            raise ValueError(text)
        except ValueError:
            found = sys.exc_info()
    record = logging.LogRecord("ours", logging.WARNING, "f.py", 1, "failed reason=%s", (text,), found)
    return LINES.format(record)


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2J"])
def test_a_message_is_one_line(sign: str) -> None:
    written = line_of(f"a{sign}{FORGED}")
    assert len(written.splitlines()) == 1 and "\x1b" not in written
    assert FORGED in written  # and it still says what came


def test_a_tracebacks_lines_stand_under_it() -> None:
    written = line_of(f"a\n{FORGED}", with_error=True)
    first, *others = written.splitlines()
    assert first.endswith(rf"failed reason=a\n{FORGED}")
    assert len(others) > 3 and all(line.startswith("  ") for line in others)


def test_every_handler_writes_so() -> None:
    names = {handler["formatter"] for handler in settings.LOGGING["handlers"].values()}
    made = {settings.LOGGING["formatters"][name]["()"] for name in names}
    assert made == {f"{OneLine.__module__}.{OneLine.__name__}"}


@pytest.mark.slow
def test_no_request_of_the_walk_forged_a_line(seen: Walked) -> None:
    assert any("Not Found" in line or "Method Not Allowed" in line for line in seen.logged)
    for written in seen.logged:
        assert all(line.startswith("  ") for line in written.splitlines()[1:]), written


@pytest.mark.django_db
def test_a_path_forges_none(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get(f"/alerts/%0a{FORGED.replace(' ', '%20')}")
    assert caplog.records
    assert [LINES.format(record) for record in caplog.records if len(LINES.format(record).splitlines()) > 1] == []
