"""Regular expressions against texts made to slow them down: what users write runs in RE2, ours take linear time."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from alerts.matchers import all_match, parse_matchers
from tests.attacks.patterns import ANCHORED, LOOKING, compiled, made_of_values, methods_on, texts_against, uses
from tradewatch.errors.normalise.decode import decode_event
from tradewatch.errors.patterns import check_pattern
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.scrub import scrub_text
from tradewatch.performance.checks.probes.http import expression
from tradewatch.processes.erasing.person import Person

pytestmark = pytest.mark.once
LENGTH = 10_000
CPU_SECONDS = 0.1  # a linear one takes less than a hundredth of it, one that begins anew at each place twice as much
# They look for themselves in a text that is cut before, here to so many characters.
SHORT = {
    "tradewatch.dashboard.issue_list.completion._WORD": 1_000,
    "tradewatch.inbox.scrub.text._NAME_BEFORE": 60,
}


class TooSlowError(Exception):
    pass


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise after so much CPU of this process. Python's engine looks for signals while it runs."""

    def stop(*_: Any) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_text(pattern: re.Pattern[Any], methods: set[str], length: int) -> Any:
    """Return the beginning of a text that takes it too long; None: there is none among those tried."""
    for text in texts_against(pattern, length):
        try:
            with at_most(CPU_SECONDS):
                for method in methods & ANCHORED:
                    getattr(pattern, method)(text)
                if methods & LOOKING:
                    sum(1 for _ in pattern.finditer(text))
        except TooSlowError:
            return text[:20]
    return None


def test_the_bound_finds_what_is_slow() -> None:
    assert slow_text(re.compile(r'"(?:[^"\\]|\\.)*"'), {"search"}, LENGTH)
    assert slow_text(re.compile(r"(a+)+$"), {"match"}, 40)
    assert slow_text(re.compile(r"a+b"), {"match"}, LENGTH) is None


def test_no_pattern_of_ours_takes_more_than_linear_time() -> None:
    patterns, called = compiled(), uses()
    assert len(patterns) > 100
    slow = {}
    for name, pattern in patterns.items():
        if (text := slow_text(pattern, methods_on(name, called), SHORT.get(name, LENGTH))) is not None:
            slow[name] = text
    assert slow == {}


def test_pythons_own_engine_runs_no_pattern_that_is_not_written_in_our_sources() -> None:
    made = {each.partition(":")[0] for each in made_of_values()}
    assert made == {"tradewatch/processes/erasing/person.py"}  # of what somebody is called, each sign of it escaped


def test_what_somebody_is_called_makes_no_slow_pattern() -> None:
    person = Person.of(ids=["(a+)+$", "42", "u-1234567.*"], emails=["(a|a)*b@desk.example"])
    for pattern in (person.token, person.under_name):
        assert pattern and slow_text(pattern, {"search"}, LENGTH) is None


MEGABYTE = 1 << 20


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*a){12}b", "(a*)*b", "a*a*a*a*a*b"])
def test_a_pattern_that_somebody_wrote_takes_linear_time_too(pattern: str) -> None:
    text = "a" * MEGABYTE + "!"
    with at_most(20):
        assert not all_match(parse_matchers(f'venue=~"{pattern}"'), {"venue": text})
        assert not expression(pattern).search(text)  # of a check's body
        check_pattern(pattern)  # of a classification or fingerprint rule


@pytest.mark.parametrize(
    "document",
    [
        b'{"a":"' + b'\\"' * (MEGABYTE // 2),  # never closed
        b'{"a":' + b"[" * MEGABYTE,
        b'{"a":NaN,"b":"' + b"\\\\" * (MEGABYTE // 2) + b'"}',
        b'{"a":' + b'{"":' * (MEGABYTE // 4),
        b'{"a":NaN,"b":' + b"9" * MEGABYTE + b"}",
        b'"' * MEGABYTE,
    ],
    ids=["escapes", "arrays", "backslashes", "objects", "digits", "quotes"],
)
def test_a_document_of_a_megabyte_is_read_or_refused_at_once(document: bytes) -> None:
    with at_most(20), suppress(Unreadable):
        decode_event(document)


@pytest.mark.parametrize(
    "unit",
    ["password=", 'ip_address="', "ip=", "password='", 'password={"', "cookie: a=b;", "Bearer ", "://a:", "4111 ",
     "%22", "\\u0070", "secret%3D", 'password="\\"', "eyJhbGci.", "GB29", "-----BEGIN ", "a@b.", "1.2.3.4:", "::1 "],
)  # fmt: skip
def test_a_text_of_a_quarter_is_scrubbed_in_linear_time(unit: str) -> None:
    with at_most(20):
        scrub_text(unit * (MEGABYTE // 4 // len(unit)))
