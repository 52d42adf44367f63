"""Notes as Markdown, read back by a real CommonMark parser: nothing that a stranger wrote becomes markup."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from releases.notes.grouping import sort_commits
from releases.notes.markdown import markdown_of, neutral
from releases.notes.plain import plain
from releases.notes.values import Contributor, DeployedLine, IssueLine, Notes, Sorted, Told
from tests.releases.notes.builders import told

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](javascript:alert(1))", "<!-- x -->",
    "![](https://evil.example/x)", "<https://evil.example>", "https://evil.example", "www.evil.example", "```", "~~~",
    "`code` ``more``", "**bold** __b__ *i* _i_", "~~gone~~", "# heading", "- item", "+ item", "1. item", "2) item",
    "> quote", "---", "===", "| a | b |", "&lt;b&gt; &#60;b&#62;", "\\<b>", "[ref]: https://evil.example", "$x$",
    "a\nb\r\n\r\n# c", "\u202egnp.exe", "a\u200bb\u2066c\u2069", "a\x00\x1b[31mb", "    indented", "\t# tab", "[^1]",
    "{{ 7*7 }} {% x %}", "@everyone @acme/team", "]( x", "\\", "\\\\[a](b)", "- [x] done", "#", "1.", "+", "=",
]  # fmt: skip


class _Read(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> _Read:
    return _Read(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def shown(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_it_is_and_does_nothing(text: str) -> None:
    for before in ("", "- ", "# ", "**", "> "):
        found = read(f"{before}{neutral(text)}{'**' if before == '**' else ''}")
        assert set(found.tags) <= {"p", "ul", "li", "h1", "strong", "blockquote"} and not found.links
        assert found.tags.count("p") + found.tags.count("li") <= 3
        assert shown(found.text) == shown(plain(text))
    assert not re.search(r"https?://|@everyone|www\.e", neutral(text))  # hosts make links of these


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.text("[]()<>`*_#-+=.1 \\!~|&:/@\n", min_size=1)
)
def test_any_text_is_shown_as_it_is(text: str) -> None:
    found = read("- x " + neutral(text))
    assert found.tags == ["ul", "li"] and shown(found.text) == shown("x " + plain(text))
    alone = read("- " + neutral(text))
    assert alone.tags == ["ul", "li"] and shown(alone.text) == shown(plain(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("a\u200bb\ufeff", "ab"),
        ("a\x00b\x1b[0m", "a b [0m"),
        ("👩‍💻 देवनागरी", "👩‍💻 देवनागरी"),
        ("a\n\n b\u2028c", "a b c"),
        ("\ud800x", "x"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_plain_is_one_line_that_people_can_read(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_notes_as_a_whole() -> None:
    commits = [
        Told(
            "c" * 40,
            "feat(risk)!: per desk (#12)\n\nBREAKING CHANGE: limits moved",
            (),
            "Mara",
            "https://git.example/c/c",
        ),
        Told("b" * 40, "fix: round", ("a",), "Tomas"),
        told("Merge branch 'x'", "d" * 40, parents=("a", "b")),
    ]
    notes = Notes(
        "trading-api@2.0.1+7", "2.0.0", "production", sort_commits(commits),
        [Contributor("Mara", 1), Contributor("Tomas", 1)],
        [IssueLine("KeyError: 'desk'", "https://watch.example/issues/1")],
        [IssueLine("No link", "javascript:alert(1)")],
        [DeployedLine("production", "Succeeded", datetime(2026, 11, 23, 14, 52, tzinfo=UTC), "Mara", "")],
        "https://git.example/compare/a...b",
    )  # fmt: skip
    assert markdown_of(notes) == (
        "# trading-api@2.0.1+7\n\nSince 2.0.0 in production: 2 commits by 2 people. Left out: 1 merge.\n\n"
        "## Breaking changes\n\n- **risk:** per desk (#12) ([ccccccc](<https://git.example/c/c>), #12, Mara)\n"
        "  - limits moved\n\n## Fixes\n\n- round (bbbbbbb, Tomas)\n\n"
        "## Resolved issues\n\n- [KeyError: 'desk'](<https://watch.example/issues/1>)\n\n## New issues\n\n- No link\n\n"
        "## Deployments\n\n- production: succeeded 2026-11-23 14:52 UTC, by Mara\n\n"
        "## Contributors\n\n- Mara (1)\n- Tomas (1)\n\n"
        "[Compare 2.0.0 with trading-api@2.0.1+7](<https://git.example/compare/a...b>)\n"
    )


def test_without_commits_it_says_so() -> None:
    text = markdown_of(Notes("2.0.1", None, "production", Sorted([], [], [])))
    assert text == "# 2.0.1\n\nAll commits known of it: none. No commit was told or read that only it has.\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_commits_leave_the_form_of_the_notes_as_it_is(text: str) -> None:
    message = (
        f"feat({text.splitlines()[0].replace('(', '').replace(')', '') or 'x'}): {text}\n\nBREAKING CHANGE: {text}"
    )
    notes = Notes(
        text,
        text,
        text,
        sort_commits([told(message, author=text), told(text)]),
        [Contributor(text, 1)],
        [IssueLine(text, "")],
    )
    found = read(markdown_of(notes))
    assert set(found.tags) <= {"h1", "h2", "p", "ul", "li", "strong"} and not found.links
    assert found.tags.count("h1") == 1
