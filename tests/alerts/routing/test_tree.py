"""Where labels lead in a tree of routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.matchers import parse_matchers
from alerts.routing import Destination, Node, Settings, destinations, grow
from alerts.routing.tree import Row


def node(name: str, matchers: str = "", *children: Node, goes_on: bool = False, **settings: object) -> Node:
    return Node(
        id=sum(map(ord, name)),
        name=name,
        matchers=parse_matchers(matchers),
        goes_on=goes_on,
        settings=Settings(**settings),  # type: ignore[arg-type]
        children=children,
    )


TREE = node(
    "root",
    "",
    node(
        "orders",
        'project=~"orders|risk"',
        node("pages", "severity=critical", policy_id=7, group_by=("alert",)),
        node("desk", "team=desk", goes_on=True),
        node("archive", 'severity!=""'),
        group_wait=10,
        channel_ids=(1,),
    ),
    node("security", "category=security", goes_on=True, channel_ids=(2,)),
    node("night", "severity=error", tells_nobody=True),
    mails_members=True,
)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({}, ["root"]),
        ({"severity": "info"}, ["root"]),
        ({"project": "orders", "severity": "critical"}, ["pages"]),
        ({"project": "orders", "severity": "info"}, ["archive"]),
        ({"project": "risk", "severity": "info", "team": "desk"}, ["desk", "archive"]),
        ({"project": "orders"}, ["orders"]),
        ({"project": "orders", "category": "security", "severity": "critical"}, ["pages"]),  # the first sibling wins
        ({"category": "security", "severity": "error"}, ["security", "night"]),
        ({"category": "security", "severity": "critical"}, ["security"]),
    ],
)
def test_children_first_and_the_first_sibling_wins_unless_it_goes_on(labels: dict[str, str], names: list[str]) -> None:
    assert [place.node.name for place in destinations(TREE, labels)] == names


def one(labels: dict[str, str]) -> Destination:
    (place,) = destinations(TREE, labels)
    return place


def test_a_node_inherits_what_it_does_not_set() -> None:
    place = one({"project": "orders", "severity": "critical"})
    assert place.path == ("root", "orders", "pages")
    assert (place.settings.group_wait, place.settings.group_interval) == (10, 300)
    assert (place.settings.channel_ids, place.settings.policy_id, place.settings.mails_members) == ((1,), 7, True)


def test_it_says_why() -> None:
    assert one({"project": "orders", "severity": "critical"}).reason == 'severity="critical"'
    assert one({}).reason == (
        'no other route takes it, not orders (project=~"orders|risk"), security (category="security"), '
        'night (severity="error")'
    )
    (lonely,) = destinations(node("root"), {})
    assert lonely.reason == "it takes everything"


def test_groups_take_the_labels_that_are_there_and_always_the_project() -> None:
    labels = {"project": "orders", "severity": "critical", "alert": "disk", "venue": "lmax"}
    assert one(labels).group_labels(labels) == {"project": "orders", "alert": "disk"}
    every = node("root", group_by=("...",))
    assert next(iter(destinations(every, labels))).group_labels(labels) == labels


def test_a_tree_grows_from_rows_in_their_order_and_leaves_out_what_hangs_on_nothing() -> None:
    rows = [
        Row(1, None, 0, "root"),
        Row(2, 1, 20, "late"),
        Row(3, 1, 10, "early"),
        Row(4, 3, 0, "leaf"),
        Row(5, 99, 0, "of a route that is switched off"),
    ]
    root = grow(rows)
    assert root is not None
    assert [child.name for child in root.children] == ["early", "late"]
    assert [child.name for child in root.children[0].children] == ["leaf"]
    assert grow([]) is None


LABELS = st.dictionaries(
    st.sampled_from(["project", "severity", "team", "category"]),
    st.sampled_from(["orders", "risk", "critical", "error", "desk", "security", ""]),
)


@given(LABELS)
def test_nothing_is_ever_lost(labels: dict[str, str]) -> None:
    places = destinations(TREE, labels)
    assert places
    assert all(place.path[0] == "root" and place.settings.group_interval for place in places)
