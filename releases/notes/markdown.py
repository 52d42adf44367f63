"""Notes as Markdown (CommonMark 0.31, https://spec.commonmark.org/). Whatever strangers wrote stays text.

A subject is no heading, list, link, code or HTML, whatever it holds; and it mentions nobody on a host that reads it.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from releases.notes.plain import plain
from releases.notes.values import Entry, Notes, Reference
from releases.notes.words import summary_of

# `&#8203;` after an @ keeps hosts from telling the person of that name.
_ACTIVE = re.compile(r"[\\`*_{}\[\]<>|~&$^]|:(?=//)|(?<=[Ww]{3})\.|(?<!\w)@(?=\w)")
_OPENS_A_BLOCK = re.compile(r"^(?:#(?=#{0,5}(?:\s|$))|[+-]|=(?==*$)|\d{1,9}[.)](?=\s|$))")
_SAFE_IN_URL = "/:?#@!$&'*+,;=~%[]"


def neutral(text: str) -> str:
    """Return Markdown that shows `text` and does nothing, also at the start of a line."""
    escaped = _ACTIVE.sub(lambda found: "@&#8203;" if found[0] == "@" else "\\" + found[0], plain(text, limit=2000))
    return _OPENS_A_BLOCK.sub(_held, escaped)


def markdown_of(notes: Notes) -> str:
    return "\n".join(_lines(notes)).rstrip() + "\n"


def _lines(notes: Notes) -> Iterator[str]:
    yield from (f"# {neutral(notes.version)}", "", neutral(summary_of(notes)), "")
    for group in notes.sorted.groups:
        yield from (f"## {group.section}", "")
        for entry in group.entries:
            yield from _entry(entry)
        yield ""
    for title, issues in (("Resolved issues", notes.resolved), ("New issues", notes.new)):
        yield from _listed(title, [_link(each.title, each.url) for each in issues])
    yield from _listed(
        "Deployments",
        [
            f"{neutral(each.environment)}: {each.state.lower()} {each.at:%Y-%m-%d %H:%M} UTC, by {neutral(each.by)}"
            for each in notes.deployments
        ],
    )
    yield from _listed("Contributors", [f"{neutral(each.name)} ({each.commits})" for each in notes.contributors])
    if notes.compare_url:
        yield _link(f"Compare {notes.previous} with {notes.version}", notes.compare_url)


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (f"## {title}", "", *(f"- {line}" for line in lines), "")


def _entry(entry: Entry) -> Iterator[str]:
    scope = f"**{neutral(entry.scope)}:** " if entry.scope else ""
    further = [_link(entry.sha[:7], entry.url), *(_reference(each) for each in entry.issues), neutral(entry.author)]
    yield f"- {scope}{neutral(entry.subject)} ({', '.join(filter(None, further))})"
    for text in entry.breaking_changes:
        if text != entry.subject:
            yield f"  - {neutral(text)}"


def _reference(issue: Reference) -> str:
    return _link(issue.name, issue.url)


def _link(text: str, url: str) -> str:
    return (
        f"[{neutral(text)}](<{quote(url, safe=_SAFE_IN_URL)}>)"
        if url.startswith(("https://", "http://"))
        else neutral(text)
    )


def _held(found: re.Match[str]) -> str:
    return found[0][:-1] + "\\" + found[0][-1]
