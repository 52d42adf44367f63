"""JSON Patch: the examples of RFC 6902's appendix A, and what a refusal names."""

from typing import Any

import pytest

from debugging.requests.patching import PatchError, patched

RFC: list[tuple[str, Any, list[dict[str, Any]], Any]] = [
    ("A.1", {"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ("A.2", {"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ("A.3", {"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ("A.4", {"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    (
        "A.5",
        {"baz": "qux", "foo": "bar"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"},
    ),
    (
        "A.6",
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        "A.7",
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        "A.8",
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    (
        "A.10",
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    ("A.11", {"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}], {"foo": "bar", "baz": "qux"}),
    ("A.14", {"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    (
        "A.16",
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
    ("copy", {"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}], {"a": {"b": 1}, "c": {"b": 1}}),
    ("whole", {"a": 1}, [{"op": "replace", "path": "", "value": [1]}, {"op": "add", "path": "/0", "value": 0}], [0, 1]),
]
REFUSED: list[tuple[str, Any, Any, str]] = [
    ("A.9", {"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], "0.value"),
    ("A.12", {"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], "0.path"),
    ("A.13", {"foo": "bar"}, [{"op": "bad", "path": "/baz"}], "0.op"),
    ("A.15", {"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}], "0.value"),
    ("true is not 1", {"a": 1}, [{"op": "test", "path": "/a", "value": True}], "0.value"),
    ("no list", {}, {"op": "add"}, ""),
    ("no object", {}, ["add"], "0"),
    ("no path", {}, [{"op": "remove"}], "0.path"),
    ("no value", {}, [{"op": "add", "path": "/a"}], "0.value"),
    ("no from", {}, [{"op": "move", "path": "/a"}], "0.from"),
    ("path of no text", {}, [{"op": "remove", "path": 3}], "0.path"),
    ("no pointer", {"a": 1}, [{"op": "remove", "path": "a"}], "0.path"),
    ("bad tilde", {"a": 1}, [{"op": "add", "path": "/~2", "value": 1}], "0.path"),
    ("past the end", [1], [{"op": "add", "path": "/2", "value": 1}], "0.path"),
    ("leading zero", [1, 2], [{"op": "remove", "path": "/01"}], "0.path"),
    ("the end is nothing", [1], [{"op": "remove", "path": "/-"}], "0.path"),
    (
        "the third",
        {"a": 1},
        [*[{"op": "test", "path": "/a", "value": 1}] * 2, {"op": "remove", "path": "/b"}],
        "2.path",
    ),
    ("from nowhere", {"a": 1}, [{"op": "copy", "from": "/b", "path": "/c"}], "0.from"),
    ("into itself", {"a": {"b": 1}}, [{"op": "move", "from": "/a", "path": "/a/b/c"}], "0.path"),
    ("whole away", {"a": 1}, [{"op": "remove", "path": ""}], "0.path"),
    ("into a text", {"a": "x"}, [{"op": "add", "path": "/a/0", "value": 1}], "0.path"),
    ("too many", {}, [{"op": "test", "path": "", "value": {}}] * 201, ""),
]


@pytest.mark.parametrize(("document", "operations", "expected"), [row[1:] for row in RFC], ids=[row[0] for row in RFC])
def test_the_examples_of_the_rfc(document: Any, operations: Any, expected: Any) -> None:
    before = repr(document)
    assert patched(document, operations) == expected
    assert repr(document) == before  # a copy was changed


@pytest.mark.parametrize(
    ("document", "operations", "path"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_refusal_names_the_operation_and_its_member(document: Any, operations: Any, path: str) -> None:
    with pytest.raises(PatchError) as refused:
        patched(document, operations)
    assert refused.value.path == path and refused.value.text
