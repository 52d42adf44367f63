"""The search for the smallest request: held against what it must be, whatever the body and whatever fails."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debugging.batches.shrinking import Ending, Search, Verdict
from debugging.batches.simplifying import simpler, steps, taken
from debugging.batches.trees import BODY, Tree, key_of, nodes
from tests.debugging.batches.builders import make_tree

Judge = Callable[[Tree], bool]

leaves = st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-50, 50).map(lambda x: round(x, 2))
leaves |= st.text(max_size=6)
bodies = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from("abcdefgh"), inner, max_size=6),
    max_leaves=16,
)
pairs = st.lists(st.tuples(st.sampled_from(["limit", "page", "Accept", "X-Trace"]), st.text(max_size=4)), max_size=4)
trees = st.builds(
    lambda body, query, headers: make_tree(body, query=query, headers=headers), st.just({}) | bodies, pairs, pairs
)


def shrink(tree: Tree, fails: Judge, **options: Any) -> tuple[Search, list[Tree]]:
    """Return the ended search and everything that was tried, in its order."""
    search, tried = Search(tree, **options), []
    rounds = search.rounds()
    try:
        asked = next(rounds)
        while True:
            assert 1 <= len(asked) <= options.get("width", 1)
            tried += asked
            asked = rounds.send([Verdict.FAILS if fails(each) else Verdict.PASSES for each in asked])
    except StopIteration:
        return search, tried


def needs(*facts: Any) -> Judge:
    """Fails where all of these, each (path, value) of a body, are still in it under those very keys."""
    return lambda tree: all(fact in dict(_flat(tree[BODY])).items() for fact in facts)


def _flat(body: Any) -> list[tuple[str, Any]]:
    return [(".".join(map(str, path[1:])), value) for path, value in nodes(body, (BODY,)) if _is_plain(value)]


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


ORDER = {
    "account_id": "acc-4",
    "symbol": "ACME",
    "legs": [{"side": "buy", "quantity": 120}, {"side": "sell", "quantity": 7, "tags": ["a", "b"]}],
    "meta": {"client": {"name": "desk", "version": 3}, "notes": "x" * 200},
}


@pytest.mark.parametrize(
    ("fails", "smallest"),
    [
        (needs(("account_id", "acc-4")), {"account_id": "acc-4"}),
        (needs(("meta.client.version", 3)), {"meta": {"client": {"version": 3}}}),
        (needs(("account_id", "acc-4"), ("symbol", "ACME")), {"account_id": "acc-4", "symbol": "ACME"}),
        (lambda tree: "legs" in (tree[BODY] or {}), {"legs": None}),
        (lambda tree: len((tree[BODY] or {}).get("symbol") or "") > 2, {"symbol": "ACM"}),
        (lambda tree: len((tree[BODY] or {}).get("legs") or []) == 2, {"legs": [None, None]}),
        (lambda tree: any("quantity" in (leg or {}) for leg in (tree[BODY] or {}).get("legs") or []),
         {"legs": [{"quantity": None}]}),
        (lambda tree: True, None),
    ],
)  # fmt: skip
def test_what_is_needed_is_what_is_left(fails: Judge, smallest: Any) -> None:
    search, tried = shrink(make_tree(ORDER, headers=[("Accept", "*/*"), ("X-Desk", "7")]), fails)
    assert search.found is not None
    assert (search.found.tree, search.found.ending) == (make_tree(smallest), Ending.MINIMAL)
    assert search.found.tries == len(tried) < 60


def test_query_and_headers_shrink_too_and_what_reads_the_body_stays() -> None:
    tree = make_tree(
        {"a": 1}, query=[("limit", "500"), ("page", "2")], headers=[("Content-Type", "application/json"), ("X-A", "1")]
    )
    search, _ = shrink(tree, lambda tree: any(name == "limit" and len(value) > 1 for name, value in tree["query"]))
    assert search.smallest == make_tree(
        None, query=[("limit", "50")], headers=[("Content-Type", "application/json")]
    ) or search.smallest["query"] == [["limit", "00"]]


def test_one_that_passes_or_gives_no_answer_is_not_searched() -> None:
    search, tried = shrink(make_tree(ORDER), lambda tree: False)
    assert search.found is not None
    assert (search.found.ending, len(tried)) == (Ending.PASSES, 1)
    silent = Search(make_tree(ORDER))
    rounds = silent.rounds()
    next(rounds)
    with pytest.raises(StopIteration):
        rounds.send([Verdict.UNKNOWN])
    assert silent.found is not None and silent.found.ending == Ending.UNKNOWN


def test_what_gave_no_answer_is_not_built_upon() -> None:
    def verdict(tree: Tree) -> Verdict:
        return Verdict.FAILS if len(tree[BODY] or {}) == 2 else Verdict.UNKNOWN

    search = Search(make_tree({"a": 1, "b": 2}))
    rounds = search.rounds()
    asked = next(rounds)
    with pytest.raises(StopIteration):
        while True:
            asked = rounds.send([verdict(each) for each in asked])
    assert search.found is not None
    assert search.found.tree == make_tree({"a": None, "b": None})


def test_a_body_of_ten_thousand_members_ends_at_the_bound_soon() -> None:
    body = {f"k{number}": {"v": [number, "x"]} for number in range(10_000)}
    search, tried = shrink(make_tree(body), lambda tree: {"k1", "k9999"} <= (tree[BODY] or {}).keys(), most_tries=80)
    assert search.found is not None and search.found.ending == Ending.BOUND
    assert len(tried) == 80 and len(search.smallest[BODY]) < 200


@settings(max_examples=300)
@given(tree=trees, data=st.data(), width=st.integers(1, 5))
def test_the_result_fails_and_no_single_step_from_it_does(tree: Tree, data: st.DataObject, width: int) -> None:
    inside = [path for path, _ in nodes(tree[BODY], (BODY,))]
    wanted = data.draw(st.lists(st.sampled_from(inside), max_size=4, unique=True)) if inside else []
    facts = [(path[-1], _at(tree, path)) for path in wanted]
    floor = data.draw(st.integers(0, 3))

    def fails(each: Tree) -> bool:
        """Any tree that still holds those entries, at any place, and as many query parameters: not monotone."""
        held = [(path[-1], value) for path, value in nodes(each[BODY], (BODY,))]
        return all(fact in held for fact in facts) and len(each["query"]) >= min(floor, len(tree["query"]))

    search, tried = shrink(tree, fails, most_tries=5_000, width=width)
    assert search.found is not None and search.found.ending == Ending.MINIMAL
    smallest = search.found.tree
    assert fails(smallest)
    assert not [step for step in steps(smallest) if fails(taken(smallest, step))]
    keys = [key_of(each) for each in tried]
    assert len(keys) == len(set(keys)) == search.found.tries, "nothing is tried twice"
    again, same = shrink(tree, fails, most_tries=5_000, width=width)
    assert same == tried and again.found == search.found, "deterministic"


@settings(max_examples=150)
@given(tree=trees, bound=st.integers(1, 30), width=st.integers(1, 4), salt=st.integers(0, 9))
def test_never_more_tries_than_the_bound_whatever_is_answered(tree: Tree, bound: int, width: int, salt: int) -> None:
    def fails(each: Tree) -> bool:
        return each == tree or int(key_of(each), 16) % 10 > salt  # no sense in it, but always the same

    search, tried = shrink(tree, fails, most_tries=bound, width=width)
    assert search.found is not None
    assert len(tried) == search.found.tries <= bound
    assert fails(search.found.tree)
    if search.found.ending == Ending.MINIMAL:
        assert not [step for step in steps(search.smallest) if fails(taken(search.smallest, step))]
    else:
        assert search.found.tries == bound


@given(value=leaves | st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_making_simpler_comes_to_an_end(value: Any) -> None:
    for _ in range(3_000):
        choices = simpler(value)
        assert value not in choices or any(type(each) is not type(value) for each in choices)
        if not choices:
            break
        value = choices[-1]
        assert json.dumps(value) is not None
    else:
        raise AssertionError("no end")


def _at(tree: Tree, path: tuple[Any, ...]) -> Any:
    value: Any = tree
    for key in path:
        value = value[key]
    return value
