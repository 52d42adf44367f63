"""Alertmanager's matchers: what they mean, how they are written, and where a fault is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.matchers import (
    LONGEST_TEXT,
    Matcher,
    MatcherFault,
    all_match,
    fault_in_matchers,
    first_mismatch,
    matchers_text,
    parse_matchers,
)

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", []),
        ("{}", []),
        (" { } ", []),
        ("a=b", [("a", "=", "b")]),
        ('{a="b"}', [("a", "=", "b")]),
        ("a=b,", [("a", "=", "b")]),
        ('{a="b", c!=d,}', [("a", "=", "b"), ("c", "!=", "d")]),
        ('a=~"x|y" , b !~ "z.*"', [("a", "=~", "x|y"), ("b", "!~", "z.*")]),
        ('"señal de mercado"=alta', [("señal de mercado", "=", "alta")]),
        ("señal=alta", [("señal", "=", "alta")]),
        (r'a="q\"q\\\n\t"', [("a", "=", 'q"q\\\n\t')]),
        (r'"caf\u00e9"="\x41\U0001F525"', [("café", "=", "A🔥")]),
        ('a="{b}, c=d"', [("a", "=", "{b}, c=d")]),
        ("a=", [("a", "=", "")]),
        ("{a=}", [("a", "=", "")]),
        ("a=,b=c", [("a", "=", ""), ("b", "=", "c")]),
        ("a.b-c/d:e=1", [("a.b-c/d:e", "=", "1")]),
    ],
)
def test_what_is_read(text: str, parsed: list[tuple[str, str, str]]) -> None:
    assert [(one.name, one.operator, one.value) for one in parse_matchers(text)] == parsed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a", "at character 2: expected =, !=, =~ or !~ after a, found the end"),
        ("a==b", "at character 3: expected a value, found ="),
        ("a=b c=d", "at character 5: expected a comma, found c"),
        ("{a=b", "at character 5: expected } at the end"),
        ("{a=b c=d}", "at character 6: expected a comma or }, found c"),
        ("a=b}", "at character 4: expected a comma, found }"),
        ("{a=b} c", "at character 7: expected nothing more, found c"),
        ('a="b', 'at character 3: a quoted text without its closing "'),
        (r'a="\q"', r"at character 4: unknown escape \q"),
        (r'a="\ud800"', r"at character 4: unknown escape \u"),
        (r'a="\x0"', r"at character 4: unknown escape \x"),
        ('""=b', "at character 1: a label's name is empty"),
        ("=b", "at character 1: expected a label's name, found ="),
        (",", "at character 1: expected a label's name, found ,"),
        ("a=b,,", "at character 5: expected a label's name, found ,"),
        ("a=~(", "at character 4: not a regular expression: missing ): ("),
        ('a=~"(?=x)"', "at character 4: not a regular expression: invalid perl operator: (?="),
        ('a=~"x)(y"', "at character 4: not a regular expression: unexpected ): x)(y"),
        ("a" * (LONGEST_TEXT + 1), "at character 4001: longer than 4,000 characters"),
    ],
)
def test_a_fault_has_its_place_and_reason(text: str, fault: str) -> None:
    assert fault_in_matchers(text) == fault


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("severity=critical", True),
        ("severity=Critical", False),
        ("severity!=critical", False),
        ('severity=~"crit.*"', True),
        ('severity=~"crit"', False),  # anchored at both ends
        ('severity=~"x|critical"', True),
        ('severity!~"crit"', True),
        ("missing=", True),
        ('missing=""', True),
        ("missing!=x", True),
        ("missing!=", False),
        ('missing=~".*"', True),
        ('missing=~".+"', False),
        ('missing!~".+"', True),
        ('severity=critical, missing=""', True),
        ("severity=critical, env=test", False),
    ],
)
def test_what_matches(text: str, matches: bool) -> None:
    assert all_match(parse_matchers(text), {"severity": "critical", "env": "prod"}) is matches


def test_the_first_condition_that_is_not_met_is_named() -> None:
    matchers = parse_matchers("severity=critical, env=test, a=b")
    assert str(first_mismatch(matchers, {"severity": "critical"})) == 'env="test"'
    assert first_mismatch((), {}) is None


@given(st.lists(st.tuples(TEXTS.filter(bool), st.sampled_from(["=", "!="]), TEXTS), max_size=4))
def test_what_is_written_reads_the_same(parts: list[tuple[str, str, str]]) -> None:
    matchers = tuple(Matcher(*part) for part in parts)
    assert parse_matchers(matchers_text(matchers)) == matchers
    assert parse_matchers("{" + matchers_text(matchers) + "}") == matchers


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        parse_matchers(text)
    except MatcherFault as fault:
        assert 0 <= fault.position <= len(text)


def test_a_hostile_expression_runs_in_linear_time() -> None:
    assert not all_match(parse_matchers('a=~"(x+x+)+y"'), {"a": "x" * 100_000})
