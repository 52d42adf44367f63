import pytest

from tests.dashboard.performance.builders import make_figures
from tradewatch.dashboard.performance.changes import Compared, badge_of, ratio_words, reason_of
from tradewatch.dashboard.performance.hero import make_hero
from tradewatch.performance.traces.comparing import Verdict, compare
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey

ORDERS, QUOTES, REPORTS = (TransactionKey(1, name, "http.server") for name in ("POST /orders", "GET /quotes", "GET /r"))


def quick(count: int = 400, *, failed: int = 0, times: float = 1.0) -> Figures:
    """Durations from 10 ms up to 209 ms, all equally often."""
    return make_figures([(0.01 + 0.001 * (n % 200)) * times for n in range(count)], failed=failed)


def compared(
    before: dict[TransactionKey, Figures], after: dict[TransactionKey, Figures], *, of_releases: bool = True
) -> Compared:
    names = ("2.0.0", "2.0.1") if of_releases else ("the hour before", "in the last hour")
    return Compared(*names, compare(before, after), is_of_releases=of_releases)


def everything(figures: dict[TransactionKey, Figures]) -> Figures:
    total = Figures()
    for each in figures.values():
        total.merge(each)
    return total


@pytest.mark.parametrize(
    ("before", "after", "word", "moved"),
    [
        (quick(), quick(), "Same", "0%"),
        (quick(), quick(times=1.5), "Slower", "▲ 49%"),
        (quick(), quick(times=0.5), "Faster", "▼ 50%"),
        (quick(), quick(failed=40), "Fails more", ""),
        (quick(failed=20), quick(failed=80), "Fails more", "▲ 4.0x"),
        (quick(failed=80), quick(), "Fails less", "▼ 100%"),
        (quick(99), quick(), "Too few", ""),
        (Figures(), quick(), "New", ""),
        (quick(), Figures(), "Gone", ""),
    ],
)
def test_a_badge_says_what_changed_and_by_how_much(before: Figures, after: Figures, word: str, moved: str) -> None:
    (change,) = compare({ORDERS: before}, {ORDERS: after})
    badge = badge_of(change, judged=1)
    assert (badge.word, badge.moved, badge.is_worse) == (word, moved, word in ("Slower", "Fails more"))


def test_a_reason_names_the_counts_it_stands_on() -> None:
    (slower,) = compare({ORDERS: quick()}, {ORDERS: quick(600, times=2.0)})
    assert reason_of(slower, judged=3) == (
        "p95 395 ms, before 200 ms; 600 and 400 measured; by chance under 0.01%, corrected over 3 transactions"
    )
    (failing,) = compare({ORDERS: quick(500, failed=10)}, {ORDERS: quick(400, failed=40)})
    assert reason_of(failing, judged=1).startswith("10.0% = 40 / 400 failed, before 2.0% = 10 / 500; by chance")
    (few,) = compare({ORDERS: quick(38)}, {ORDERS: quick(200)})
    assert reason_of(few, judged=0) == "200 now, 38 before; a verdict takes 100 of each"
    (new,) = compare({}, {ORDERS: quick(1200)})
    assert reason_of(new, judged=0) == "1,200 now, none before"


def test_same_says_whether_it_was_too_small_or_not_certain() -> None:
    (small,) = compare({ORDERS: quick()}, {ORDERS: quick(times=1.05)})
    assert small.verdict is Verdict.SAME
    assert reason_of(small, judged=1).endswith("; under 10%")
    odd = make_figures([0.1] * 96 + [0.4] * 4)
    (chance,) = compare({ORDERS: odd}, {ORDERS: make_figures([0.1] * 93 + [0.4] * 7)})
    assert chance.verdict is Verdict.SAME
    assert chance.p95_ratio == pytest.approx(4.0, rel=0.02)
    assert reason_of(chance, judged=14).endswith("; not certain after correction over 14 transactions")


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, ""),
        (1.0, "0%"),
        (1.004, "0%"),
        (1.046, "▲ 4.6%"),
        (0.74, "▼ 26%"),
        (2.34, "▲ 2.3x"),
        (1e9, "▲ over 100x"),
    ],
)
def test_ratios_read_short(ratio: float | None, text: str) -> None:
    assert ratio_words(ratio) == text


# --- the sentence ----------------------------------------------------------------------------------------------------
def test_when_nothing_changed_it_says_so_quietly_with_its_counts() -> None:
    figures = {ORDERS: quick(failed=4), QUOTES: quick(), REPORTS: quick(20)}
    hero = make_hero(compared(figures, figures), everything(figures))
    assert (hero.level, hero.title) == ("ok", "Nothing got slower or fails more with 2.0.1.")
    assert hero.text == "0.49% of all failed: 4 / 820. 2 transactions compared, 1 came too rarely to tell."


def test_what_fails_is_named_with_its_share_of_all_failures() -> None:
    after = {ORDERS: quick(failed=40), QUOTES: quick(failed=1)}
    hero = make_hero(compared({ORDERS: quick(), QUOTES: quick()}, after), everything(after))
    assert hero.level == "critical"
    assert hero.title == "POST /orders fails more with 2.0.1: 40 of all 41 failures."
    assert hero.text.startswith("POST /orders: 10.0% = 40 / 400 failed, before 0% = 0 / 400.")


def test_what_got_slower_and_what_fails_share_a_sentence_and_the_fastest_is_told() -> None:
    before = {ORDERS: quick(), QUOTES: quick(), REPORTS: quick()}
    after = {ORDERS: quick(failed=90), QUOTES: quick(times=3.0), REPORTS: quick(times=0.5)}
    hero = make_hero(compared(before, after, of_releases=False), everything(after))
    assert hero.title == "POST /orders fails more against the hour before, and GET /quotes got slower."
    assert "GET /r got 50% faster" in hero.text
    slower = make_hero(compared({QUOTES: quick()}, {QUOTES: quick(times=3.0)}), quick())
    assert (slower.level, slower.title) == ("warning", "GET /quotes got slower with 2.0.1.")


def test_many_are_counted_not_listed() -> None:
    keys = [TransactionKey(1, f"GET /{letter}", "") for letter in "abcd"]
    hero = make_hero(compared(dict.fromkeys(keys, quick()), dict.fromkeys(keys, quick(times=2.0))), quick())
    assert hero.title == "GET /a, GET /b and 2 others got slower with 2.0.1."


def test_too_few_to_tell_is_neither_good_nor_bad() -> None:
    hero = make_hero(compared({ORDERS: quick(20)}, {ORDERS: quick(30)}), quick(30))
    assert (hero.level, hero.title) == ("", "Too few requests to tell what changed with 2.0.1.")


def test_silence_is_not_called_good() -> None:
    hero = make_hero(compared({ORDERS: quick()}, {}, of_releases=False), Figures())
    assert (hero.level, hero.title) == ("", "No transaction in the last hour.")
