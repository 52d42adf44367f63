import re
import time
from pathlib import Path

import pytest

from tradewatch.dashboard.document.highlight import coloured_lines, language_of

SOURCE = ("def check(order):  # margin", '    """One', '    two"""', "    return 7 if order else None", "")


@pytest.mark.parametrize(
    ("file", "platform", "language"),
    [
        ("app/risk/margin.py", "", "python"),
        ("https://desk.example/static/app.min.js?v=3", "javascript", "javascript"),
        ("src/quote.ts", "node", "typescript"),
        ("unknown file", "node", "javascript"),
        ("Main.java", "java", "java"),
        ("strange.xyz", "other", ""),
    ],
)
def test_the_language_comes_from_the_file_else_from_the_platform(file: str, platform: str, language: str) -> None:
    assert language_of(file, platform) == language


def test_words_get_classes_of_ours_and_a_text_may_go_over_lines() -> None:
    first, second, third, fourth, last = coloured_lines(SOURCE, "python")
    assert '<span class="t-k">def</span>' in first
    assert '<span class="t-c"># margin</span>' in first
    assert second == '    <span class="t-s">&quot;&quot;&quot;One</span>'
    assert third.startswith('<span class="t-s">    two')
    assert '<span class="t-n">7</span>' in fourth
    assert last == ""


@pytest.mark.parametrize("language", ["python", "javascript", "typescript", "go", "php", "ruby", "rust", "sql", ""])
def test_source_is_never_markup(language: str) -> None:
    lines = ("<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "// </span><b>", "`${'<i>'}`")
    html = "".join(coloured_lines(lines, language))
    assert set(re.findall(r"</?([a-z]+)", html)) <= {"span"}
    assert len(coloured_lines(lines, language)) == len(lines)


def test_what_was_removed_from_a_line_stays_set_apart() -> None:
    assert '<span class="gone">removed: token</span>' in coloured_lines(("key = '[removed: token]'",), "python")[0]


def test_long_lines_are_cut_and_say_so() -> None:
    assert coloured_lines(("x" * 500,), "python")[0].endswith("… 260 characters more</span>")


@pytest.mark.parametrize("language", ["python", "javascript", "typescript", "java", "php", "ruby", "cpp", "swift"])
def test_no_source_keeps_a_lexer_busy(language: str) -> None:
    """Far above what is measured (some ms), far below what a pattern that backtracks would take."""
    started = time.perf_counter()
    for piece in ('"' * 120, "(" * 120, "/*" * 60, "\\" * 120, "<" * 120, "a." * 60, "${" * 60, "r'" * 60, "0x" * 60):
        coloured_lines((piece,) * 16, language)
    assert time.perf_counter() - started < 20


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_code_is_readable_in_both_themes_on_the_failing_line_too() -> None:
    static = Path(__file__).resolve().parents[3] / "static"
    css = (static / "dashboard/issue.css").read_text()
    used = dict(re.findall(r"\.code \.t-(\w)\{color:var\(--([\w-]+)\)", css))
    on_hit = {**used, **dict(re.findall(r"\.code \.hit \.t-(\w)\{color:var\(--([\w-]+)\)", css))}
    blocks = re.findall(r"\{([^{}]*--bg:[^{}]*)\}", (static / "tradewatch/tokens.css").read_text())
    assert len(blocks) == 3
    for block in blocks:
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        low = {name: _contrast(tokens[name], tokens["code"]) for name in used.values()}
        low |= {f"{name} on hit": _contrast(tokens[name], tokens["code-hit"]) for name in on_hit.values()}
        assert {name: round(ratio, 2) for name, ratio in low.items() if ratio < 4.5} == {}
