import pytest

from alerts.matchers import Matcher, parse_matchers
from alerts.routing import Node, destinations
from tradewatch.dashboard.alerting.matching import read_labels, read_matchers
from tradewatch.dashboard.alerting.tracing import match_words, miss_words, trace


def node(id: int, name: str, matchers: str = "", *children: Node, goes_on: bool = False) -> Node:
    return Node(id=id, name=name, matchers=parse_matchers(matchers), children=children, goes_on=goes_on)


TREE = node(
    1,
    "Everything",
    "",
    node(2, "Orders", "category=error", node(3, "London", "market=XLON")),
    node(4, "Risk", 'category=~"risk|error"', goes_on=True),
    node(5, "Rest", "environment!=production"),
)


def told(labels: dict[str, str], tree: Node = TREE) -> list[str]:
    return [f"{visit.number} {visit.node.name} {visit.verdict}" for visit in trace(tree, labels)]


def test_the_first_match_wins_and_the_others_are_not_asked() -> None:
    assert told({"category": "error", "market": "XNYS"}) == [
        "0 Everything matches",
        "1 Orders takes it",
        "1.1 London does not",
        "2 Risk is not asked",
        "3 Rest is not asked",
    ]


def test_a_child_takes_before_its_parent() -> None:
    assert told({"category": "error", "market": "XLON"})[1:3] == ["1 Orders matches", "1.1 London takes it"]


def test_what_continues_lets_its_siblings_be_asked() -> None:
    assert told({"category": "risk", "environment": "test"}) == [
        "0 Everything matches",
        "1 Orders does not",
        "2 Risk takes it",
        "3 Rest takes it",
    ]


def test_the_root_takes_what_no_other_does() -> None:
    visits = trace(TREE, {"category": "sla", "environment": "production"})
    assert str(visits[0].verdict) == "takes it" and visits[0].reason.endswith("none of its children does")


@pytest.mark.parametrize("category", ["error", "risk", "sla", ""])
@pytest.mark.parametrize("market", ["XLON", ""])
@pytest.mark.parametrize("environment", ["production", "test"])
def test_it_says_what_the_router_does(category: str, market: str, environment: str) -> None:
    labels = {"category": category, "market": market, "environment": environment}
    taking = [visit.node.id for visit in trace(TREE, labels) if visit.verdict == "takes it"]
    assert taking == [place.node.id for place in destinations(TREE, labels)]


@pytest.mark.parametrize(
    ("matcher", "labels", "words"),
    [
        (Matcher("market", "=", "XLON"), {"market": "XNYS"}, "market is XNYS, not XLON"),
        (Matcher("market", "=", "XLON"), {}, "it has no market, not XLON"),
        (Matcher("market", "=", ""), {"market": "XNYS"}, "market is XNYS, and none is wanted"),
        (Matcher("market", "=~", "X.+"), {"market": "LMAX"}, "market is LMAX, which does not fit X.+"),
        (Matcher("market", "!=", "XLON"), {"market": "XLON"}, "market is XLON, which is left out"),
        (Matcher("market", "!=", ""), {}, "it has no market, and one is wanted"),
        (Matcher("market", "!~", "X.+"), {"market": "XNYS"}, "market is XNYS, which fits X.+ and is left out"),
    ],
)
def test_why_a_route_misses(matcher: Matcher, labels: dict[str, str], words: str) -> None:
    assert not matcher.matches(labels)
    assert miss_words(matcher, labels) == words


@pytest.mark.parametrize(
    ("matchers", "labels", "words"),
    [
        ("", {}, "no matchers: it takes everything"),
        ("a=b", {"a": "b"}, "a is b"),
        ('a=~"b|c"', {"a": "c"}, "a c fits b|c"),
        ("a!=b", {"a": "c"}, "a c is not b"),
        ('a!~"b.*"', {"a": "c"}, "a c does not fit b.*"),
        ("a!=b", {}, "it has no a"),
    ],
)
def test_why_a_route_matches(matchers: str, labels: dict[str, str], words: str) -> None:
    assert match_words(parse_matchers(matchers), labels) == words


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("severity=critical, market=XNYS", {"severity": "critical", "market": "XNYS"}),
        ("severity=critical\nmarket=XNYS,\n\n", {"severity": "critical", "market": "XNYS"}),
        ('endpoint="POST /orders"', {"endpoint": "POST /orders"}),
    ],
)
def test_labels_are_read_as_people_paste_them(text: str, labels: dict[str, str]) -> None:
    assert read_labels(text) == (labels, "")


def test_labels_that_are_none_are_refused_with_the_reason() -> None:
    assert read_labels('severity=~"a|b"') == ({}, 'severity=~"a|b" is a condition: a label is name=value')
    assert "expected" in read_labels("severity")[1]
    assert read_matchers("a=b")[1] == "" and "character" in read_matchers("a=~(")[1]
