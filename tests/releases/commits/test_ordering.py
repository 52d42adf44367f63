import pytest

from releases.commits.ordering import ancestors, between, newest_first
from releases.models import Commit
from tests.releases.commits.builders import draft, names

# a - b - d - e    c was branched off at a, and e merges it
PARENTS = {"e": "dc", "d": "b", "c": "a", "b": "a", "a": "0"}


def rows(*drafts: object) -> list[Commit]:
    return [Commit(sha=each.sha, parents=list(each.parents), committed_at=each.committed_at) for each in drafts]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        ("a", "e", set("bcde")),
        ("b", "e", set("cde")),
        ("d", "e", set("ce")),
        ("c", "e", set("bde")),
        ("cd", "e", set("e")),
        ("e", "e", set()),
        ("e", "b", set()),  # the older one asked as the newer
        ("b", "c", set("c")),
        ("x", "e", None),  # the way leads past what is stored
        ("a", "y", None),
    ],
)
def test_what_lies_between_is_what_git_log_says(older: str, newer: str, expected: set[str] | None) -> None:
    assert between(older, newer, PARENTS) == expected


def test_parents_that_nobody_told_make_no_range() -> None:
    assert between("a", "c", {"c": "b", "b": ""}) is None
    assert between("b", "c", {"c": "b", "b": ""}) == {"c"}


def test_ancestors_end_where_nothing_is_stored_and_where_they_go_round() -> None:
    assert ancestors("c", PARENTS) == set("ca0")
    assert ancestors("p", {"p": "q", "q": "p"}) == set("pq")


def test_children_stand_before_parents_whatever_their_clocks_say() -> None:
    told = rows(draft("a", minute=50), draft("b", "a", minute=1), draft("c", "a", minute=9), draft("d", "b", "c"))
    assert names(newest_first(told)) == "dcba"


def test_without_dates_the_given_order_stays() -> None:
    told = rows(*(draft(name, committed_at=None) for name in "qwerty"))
    assert names(newest_first(told)) == "qwerty"
    assert names(newest_first(rows(draft("p", "q"), draft("q", "p")))) == "pq"
