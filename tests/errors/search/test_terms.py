"""The language itself: what is read from a query, and that every fault says where it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.terms import LONGEST_QUERY, Term, parse, term, write
from tradewatch.errors.search.values import Value


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", []),
        ("   ", []),
        ("is:unresolved", [term("is", "unresolved")]),
        ("is:unresolved  level:error ", [term("is", "unresolved"), term("level", "error")]),
        ("!venue:lmax", [term("venue", "lmax", is_negated=True)]),
        ("level:error,critical", [term("level", "error", "critical")]),
        ("user.id:7", [term("user.id", "7")]),
        ("tags[level]:x", [term("tags[level]", "x")]),
        ("assigned:#desk", [term("assigned", "#desk")]),
        ("release:1.2*", [Term("release", (Value(("1.2", "")),))]),
        ("release:*", [Term("release", (Value(("", "")),))]),
        ("release:1**2", [Term("release", (Value(("1", "2")),))]),
        (r"release:1\*", [term("release", "1*")]),
        ("events:>100", [Term("events", (Value(("100",), ">"),))]),
        ("users:>=5", [Term("users", (Value(("5",), ">="),))]),
        ("first_seen:<24h", [Term("first_seen", (Value(("24h",), "<"),))]),
        ('first_seen:>"2026-11-20 14:00"', [Term("first_seen", (Value(("2026-11-20 14:00",), ">"),))]),
        ('culprit:"a, b" x', [term("culprit", "a, b"), term("", "x")]),
        ('culprit:"a","b c"', [term("culprit", "a", "b c")]),
        ('culprit:"app in *"', [Term("culprit", (Value(("app in ", "")),))]),
        ('culprit:">5"', [term("culprit", ">5")]),
        ('"free text"', [term("", "free text")]),
        ('!"free text"', [term("", "free text", is_negated=True)]),
        ("margin call", [term("", "margin"), term("", "call")]),
        ("a,b", [term("", "a,b")]),
        ('say\\"so', [term("", 'say"so')]),
        ('it"s', [term("", 'it"s')]),
        ("http://desk/orders", [term("", "http://desk/orders")]),
        ("url:http://desk/orders", [term("url", "http://desk/orders")]),
        (r"C\\temp", [term("", r"C\temp")]),
        (r"path:C\temp", [term("path", r"C\temp")]),
        ('"two words":x', [term("two words", "x")]),
        ('"a:b"', [term("", "a:b")]),
        ("ort:Zürich", [term("ort", "Zürich")]),
        ("::", [term("", "::")]),
        ("12:30", [term("12", "30")]),
        ("a\tb\nc", [term("", "a"), term("", "b"), term("", "c")]),
    ],
)
def test_a_query_is_read(query: str, terms: list[Term]) -> None:
    assert parse(query) == terms


@pytest.mark.parametrize(
    ("query", "at", "expected"),
    [
        ("is:", 3, "a value for is"),
        ("is: unresolved", 3, "a value for is"),
        ("venue:a,", 8, "a value for venue"),
        ("venue:,a", 6, "a value for venue"),
        ('venue:""', 6, "a value for venue"),
        ("events:>", 7, "a value for events"),
        ('x "open', 2, 'a closing "'),
        ('venue:"open', 6, 'a closing "'),
        ('"open:x', 0, 'a closing "'),
        ('""', 0, "a text between the quotes"),
        ('"a"b', 3, "a space after the closing quote"),
        ('"":x', 0, "a key without a wildcard, and not empty"),
        ('"a*":x', 0, "a key without a wildcard, and not empty"),
        ("x !", 3, "a key or a text after !"),
        ("x\0", 1, "a character that can be stored"),
        ("\ud800", 0, "a character that can be stored"),
        ("a " * 31, 60, "at most 30 terms"),
        ("a:" + "b," * 50 + "b", 102, "at most 50 values"),
        ("x" * (LONGEST_QUERY + 1), LONGEST_QUERY, "a query of at most 1000 characters"),
    ],
)
def test_a_fault_names_its_place_and_what_is_expected(query: str, at: int, expected: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(query)
    assert (caught.value.at, caught.value.expected) == (at, expected)
    assert caught.value.errors == {"q": [f"expected {expected}, at character {at + 1}"]}


PIECES = st.sampled_from([*'ab :!,*"\\<>=[]#.\t', "is:", "user.id", "24h", "http://", "ü", ">="])


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_with_a_place(query: str) -> None:
    try:
        terms = parse(query)
    except BadQuery as fault:
        assert 0 <= fault.at <= len(query)
        return
    assert parse(write(terms)) == terms
    assert write(parse(write(terms))) == write(terms)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
PARTS = st.one_of(
    TEXT.map(lambda text: (text,)),
    st.tuples(st.just("") | TEXT, TEXT, st.just("") | TEXT),
    st.tuples(TEXT, st.just("")),
)
VALUES = st.lists(st.builds(Value, PARTS, st.sampled_from(["", ">", "<", ">=", "<="])), min_size=1, max_size=3)
TERMS = st.builds(Term, TEXT, VALUES.map(tuple), st.booleans()) | st.builds(
    Term, st.just(""), PARTS.map(lambda parts: (Value(parts),)), st.booleans()
)


@given(st.lists(TERMS, max_size=5))
def test_what_is_written_reads_the_same(terms: list[Term]) -> None:
    assert parse(write(terms)) == terms
