import random
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.performance.checks.builders import MINUTE, NOW, SECOND, answered, make_check, spans
from tradewatch.performance.checks.choices import CheckState, Level
from tradewatch.performance.checks.queries import outages_of, uptime
from tradewatch.performance.checks.states import Stretch
from tradewatch.performance.checks.uptime import bars_of, share_words, uptime_of
from tradewatch.performance.models import CheckSpan

STATES = {"o": CheckState.UP, "s": CheckState.SLOW, "x": CheckState.DOWN}


def drawn(line: str) -> list[Stretch]:
    """Return a stretch for each letter, a minute long; a dot is a minute of which nothing is known."""
    return [
        Stretch(STATES[letter], NOW + number * MINUTE, NOW + (number + 1) * MINUTE)
        for number, letter in enumerate(line)
        if letter != "."
    ]


@pytest.mark.parametrize(
    ("line", "first", "last", "share", "unknown"),
    [
        ("oooo", 0, 4, Fraction(1), 0),
        ("oxoo", 0, 4, Fraction(3, 4), 0),
        ("osxo", 0, 4, Fraction(3, 4), 0),  # slow is up
        ("o..x", 0, 4, Fraction(1, 2), 2),  # unknown is in neither part
        ("....", 0, 4, None, 4),
        ("", 0, 4, None, 4),
        ("oxoo", 1, 2, Fraction(0), 0),
        ("oxoo", 0.5, 1.5, Fraction(1, 2), 0),  # cut at both ends
        ("ox", -3, 6, Fraction(1, 2), 7),
    ],
)
def test_the_share_is_of_the_known_time(line: str, first: float, last: float, share, unknown: float) -> None:
    found = uptime_of(drawn(line), NOW + first * MINUTE, NOW + last * MINUTE)
    assert (found.share is None) == (share is None)
    assert share is None or Fraction(found.share) == share or abs(found.share - Decimal(float(share))) < Decimal("1e-9")
    assert found.unknown == unknown * MINUTE
    assert found.up + found.slow + found.down + found.unknown == (last - first) * MINUTE


def test_sums_are_exact_whatever_the_cut() -> None:
    """A million microseconds here and there: the parts of a month add up to the month, to the last of them."""
    luck = random.Random(7)
    at, stretches = NOW, []
    for _ in range(500):
        length = timedelta(microseconds=luck.randrange(1, 10**10))
        stretches.append(Stretch(luck.choice(list(STATES.values())), at, at + length))
        at += length + timedelta(microseconds=luck.choice([0, 0, 0, luck.randrange(10**9)]))
    whole = uptime_of(stretches, NOW, at)
    cuts = sorted([NOW, at, *(NOW + luck.random() * (at - NOW) for _ in range(50))])
    parts = [uptime_of(stretches, low, high) for low, high in pairwise(cuts)]
    for name in ("up", "slow", "down", "unknown"):
        assert sum((getattr(part, name) for part in parts), timedelta()) == getattr(whole, name)
        assert whole.seconds[name] * 1_000_000 == getattr(whole, name) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (None, "no data"),
        (Decimal(1), "100%"),
        (Decimal(0), "0%"),
        (Decimal("0.999999"), "99.99%"),  # a second in a fortnight is not 100%
        (Decimal("0.9971"), "99.71%"),
        (Decimal("0.5"), "50%"),
    ],
)
def test_a_share_is_never_rounded_up(share: Decimal | None, words: str) -> None:
    assert share_words(share) == words


@pytest.mark.parametrize(
    ("line", "levels"),
    [
        ("oooo", "oooo"),
        ("oxso", "ocwo"),
        ("..o.", "--o-"),
        ("", "----"),
    ],
)
def test_a_bar_is_as_bad_as_its_time(line: str, levels: str) -> None:
    bars = bars_of(drawn(line), NOW, NOW + 4 * MINUTE, count=4)
    assert "".join({"ok": "o", "warn": "w", "crit": "c", "": "-"}[bar.level] for bar in bars) == levels


def test_a_bar_that_was_down_for_a_while_is_degraded_and_says_how_long() -> None:
    stretches = [
        Stretch(CheckState.UP, NOW, NOW + 50 * SECOND),
        Stretch(CheckState.DOWN, NOW + 50 * SECOND, NOW + MINUTE),
    ]
    (bar,) = bars_of(stretches, NOW, NOW + MINUTE, count=1)
    assert (bar.level, bar.words) == ("warn", "down 10 s")
    (bar,) = bars_of(stretches, NOW + 45 * SECOND, NOW + MINUTE, count=1)
    assert bar.level == "crit"


# --- as runs write it ------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_uptime_is_read_from_what_runs_have_proven() -> None:
    check = make_check(retries=1)
    for minute, level in enumerate("oooxxxooo"):
        answered(check, Level.OK if level == "o" else Level.FAILED, NOW + minute * MINUTE)
    assert spans(check) == [("up", 0, 180), ("down", 180, 360), ("up", 360, 480)]
    found = uptime(check.pk, NOW, NOW + 10 * MINUTE)
    assert (found.up, found.down, found.unknown) == (5 * MINUTE, 3 * MINUTE, 2 * MINUTE)
    (outage,) = outages_of(check, now=NOW + 9 * MINUTE, limit=5)
    assert (outage.started_at, outage.ended_at, outage.length) == (NOW + 3 * MINUTE, NOW + 6 * MINUTE, 3 * MINUTE)


@pytest.mark.django_db
def test_while_nobody_asked_nothing_is_known() -> None:
    check = make_check()
    answered(check, Level.OK, NOW)
    answered(check, Level.OK, NOW + MINUTE)
    answered(check, Level.OK, NOW + 3 * timedelta(hours=1))
    answered(check, Level.OK, NOW + 3 * timedelta(hours=1) + MINUTE)
    found = uptime(check.pk, NOW, NOW + 4 * timedelta(hours=1))
    assert (found.up, found.share) == (2 * MINUTE, 1)
    assert CheckSpan.objects.count() == 2


@pytest.mark.django_db
def test_a_clock_that_jumps_back_rewrites_what_had_not_happened() -> None:
    check = make_check()
    for minute in range(5):
        answered(check, Level.FAILED if minute >= 3 else Level.OK, NOW + minute * MINUTE)
    assert spans(check) == [("up", 0, 180), ("down", 180, 240)]
    for minute in range(3):
        answered(check, Level.OK, NOW + 90 * SECOND + minute * MINUTE)
    assert spans(check) == [("up", 0, 210)]
    assert uptime(check.pk, NOW, NOW + 5 * MINUTE).down == timedelta()
