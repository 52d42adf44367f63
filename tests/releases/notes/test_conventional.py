"""Messages read by Conventional Commits 1.0.0, first with the specification's own examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.notes.conventional import parse_message

EXAMPLES = [  # https://www.conventionalcommits.org/en/v1.0.0/#examples
    (
        "feat: allow provided config object to extend other configs\n\n"
        "BREAKING CHANGE: `extends` key in config file is now used for extending other config files",
        ("feat", "", "allow provided config object to extend other configs", True),
        ["`extends` key in config file is now used for extending other config files"],
    ),
    (
        "feat!: send an email to the customer when a product is shipped",
        ("feat", "", "send an email to the customer when a product is shipped", True),
        ["send an email to the customer when a product is shipped"],
    ),
    (
        "feat(api)!: send an email to the customer when a product is shipped",
        ("feat", "api", "send an email to the customer when a product is shipped", True),
        ["send an email to the customer when a product is shipped"],
    ),
    (
        "feat!: drop support for Node 6\n\nBREAKING CHANGE: use JavaScript features not available in Node 6.",
        ("feat", "", "drop support for Node 6", True),
        ["use JavaScript features not available in Node 6."],
    ),
    ("docs: correct spelling of CHANGELOG", ("docs", "", "correct spelling of CHANGELOG", False), []),
    ("feat(lang): add Polish language", ("feat", "lang", "add Polish language", False), []),
]


@pytest.mark.parametrize(("text", "expected", "changes"), EXAMPLES)
def test_the_specifications_examples(text: str, expected: tuple[str, str, str, bool], changes: list[str]) -> None:
    found = parse_message(text)
    assert (found.type, found.scope, found.description, found.is_breaking) == expected
    assert found.breaking_changes == changes


def test_the_specifications_example_with_paragraphs_and_footers() -> None:
    found = parse_message(
        "fix: prevent racing of requests\n\nIntroduce a request id and a reference to latest request. Dismiss\n"
        "incoming responses other than from latest request.\n\nRemove timeouts which were used to mitigate the racing "
        "issue but are\nobsolete now.\n\nReviewed-by: Z\nRefs: #123\n"
    )
    assert found.body.startswith("Introduce a request id") and found.body.endswith("obsolete now.")
    assert [(each.token, each.value) for each in found.footers] == [("Reviewed-by", "Z"), ("Refs", "#123")]


@pytest.mark.parametrize(
    ("text", "type_", "scope", "description"),
    [
        ("FEAT: loud", "feat", "", "loud"),
        ("Fix(Order Entry): x", "fix", "Order Entry", "x"),
        ("feat(a/b-c): x", "feat", "a/b-c", "x"),
        ("build-ci: x", "build-ci", "", "x"),
        ("\n\nfix: after blank lines", "fix", "", "after blank lines"),
        ("fix:   spaces", "fix", "", "spaces"),
        ("fix: with: colon", "fix", "", "with: colon"),
        ("fix: windows\r\n\r\nbody", "fix", "", "windows"),
        ("feat: 新しい注文 🎉", "feat", "", "新しい注文 🎉"),
    ],
)
def test_what_is_conventional(text: str, type_: str, scope: str, description: str) -> None:
    found = parse_message(text)
    assert (found.type, found.scope, found.description) == (type_, scope, description)


@pytest.mark.parametrize(
    "text",
    ["", "Fix the thing", "fix:no space", "fix:", "fix: ", "fix(: x", "fix(): x", "fix (a): x", "fix ! : x",
     "fix!(a): x", "two words: x", ": x", "(a): x", "🎉: x", "feat(a)(b): x", "1.0: x"],
)  # fmt: skip
def test_what_is_not(text: str) -> None:
    found = parse_message(text + "\n\nBREAKING CHANGE: x")
    assert (found.type, found.scope, found.is_breaking, found.breaking_changes) == ("", "", False, [])
    assert found.description == (text.strip() or "BREAKING CHANGE: x")


@pytest.mark.parametrize(
    ("footer", "is_breaking"),
    [
        ("BREAKING CHANGE: x", True),
        ("BREAKING-CHANGE: x", True),
        ("breaking change: x", False),
        ("Breaking-Change: x", False),
        ("BREAKING CHANGE:x", True),  # the space was forgotten
        ("BREAKING CHANGE #12", True),
        ("BREAKING CHANGE: ", False),
        ("BREAKING CHANGE", False),
        ("BREAKING CHANGES: x", False),
        ("NO BREAKING CHANGE: x", False),
        ("Reviewed-by: Z\nBREAKING CHANGE: x", True),
        ("a body\nBREAKING CHANGE: x", True),  # the blank line was forgotten
        ("`BREAKING CHANGE: x`", False),
    ],
)
def test_breaking_in_capitals_only(footer: str, is_breaking: bool) -> None:
    assert parse_message("fix: y\n\n" + footer).is_breaking is is_breaking


def test_footers_of_several_paragraphs_end_with_the_next_token() -> None:
    found = parse_message(
        "feat: x\n\nbody\nNot-A-Footer: still body\n\nBREAKING CHANGE: the first line\nthe second\n\n"
        "another paragraph\nCloses #12\nFixes #13\n\nRefs: #14"
    )
    assert found.body == "body\nNot-A-Footer: still body"
    assert [(each.token, each.value) for each in found.footers] == [
        ("BREAKING CHANGE", "the first line\nthe second\n\nanother paragraph"),
        ("Closes", "#12"),
        ("Fixes", "#13"),
        ("Refs", "#14"),
    ]


def test_a_body_without_its_blank_line_is_a_body() -> None:
    found = parse_message("fix: x\nwhy\n\nRefs: #1")
    assert (found.type, found.body, found.footers[0].value) == ("fix", "why", "#1")


@given(st.text())
def test_any_text_has_parts(text: str) -> None:
    found = parse_message(text)
    assert found.type == found.type.lower() and "\n" not in found.description


@given(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,9}", fullmatch=True),
    st.from_regex(r"[a-z]{1,8}", fullmatch=True) | st.just(""),
    st.booleans(),
    st.from_regex(r"[^\s\x00-\x1f\x7f-\x9f\u2028\u2029][^\r\n]{0,40}", fullmatch=True),
    st.lists(
        st.tuples(
            st.sampled_from(["Refs", "Reviewed-by", "BREAKING CHANGE"]), st.from_regex(r"[a-z]{1,9}", fullmatch=True)
        )
    ),
)
def test_what_is_written_is_read(kind: str, scope: str, bang: bool, words: str, footers: list[tuple[str, str]]) -> None:
    head = f"{kind}{f'({scope})' if scope else ''}{'!' if bang else ''}: {words}"
    found = parse_message(head + "\n\nA body.\n\n" + "\n".join(f"{token}: {value}" for token, value in footers))
    assert (found.type, found.scope, found.description) == (kind.lower(), scope, words.rstrip())
    assert [(each.token, each.value) for each in found.footers] == footers
    assert found.is_breaking == (bang or any(token == "BREAKING CHANGE" for token, _ in footers))
