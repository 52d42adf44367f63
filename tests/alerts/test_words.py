from datetime import timedelta

import pytest

from alerts.words import duration_words, number_words, one_line, percent_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (12, "12 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (24 * 60 + 59, "24 min"),
        (3600, "1 h"),
        (85 * 60, "1 h 25 min"),
        (86400, "1 d"),
        (76 * 3600, "3 d 4 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.0, "0%"), (0.0214, "2.1%"), (0.1, "10%"), (0.0004, "0.04%"), (1.0, "100%")]
)
def test_percents(ratio: float, words: str) -> None:
    assert percent_words(ratio) == words


@pytest.mark.parametrize(("value", "words"), [(4.0, "4"), (5.33, "5.3"), (14560.0, "14,560")])
def test_numbers(value: float, words: str) -> None:
    assert number_words(value) == words


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: eve@example.com", "a Bcc: eve@example.com"),
        ("tab\tand\x00nul\x1b[31m", "tab and nul [31m"),
        ("line\u2028separator", "line separator"),
        ("  spaces   inside ", "spaces inside"),
        ("Ä·漢", "Ä·漢"),
    ],
)
def test_one_line_has_no_breaks_and_no_control_characters(text: str, line: str) -> None:
    assert one_line(text) == line


def test_one_line_is_cut_with_an_ellipsis() -> None:
    assert one_line("x" * 300, limit=10) == "x" * 9 + "…"
