"""Sorts commits into the sections of notes, of which only merges and cancelled pairs are left out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from releases.notes.conventional import Message, parse_message
from releases.notes.merges import is_merge
from releases.notes.plain import plain
from releases.notes.references import references_of
from releases.notes.reverts import Revert, pairs_of, revert_of
from releases.notes.values import Entry, Group, Section, Sorted, Told

# Types beyond feat and fix are Angular's, which the specification names, and what people write in their place.
_SECTIONS = {
    **dict.fromkeys(("feat", "feature"), Section.FEATURES),
    **dict.fromkeys(("fix", "bugfix", "hotfix"), Section.FIXES),
    "perf": Section.PERFORMANCE,
    "revert": Section.REVERTS,
    **dict.fromkeys(("docs", "doc"), Section.DOCUMENTATION),
    "refactor": Section.REFACTORING,
    **dict.fromkeys(("build", "ci"), Section.BUILD),
    **dict.fromkeys(("test", "tests"), Section.TESTS),
    **dict.fromkeys(("chore", "style"), Section.CHORES),
}


@dataclass(frozen=True, slots=True)
class _Read:
    told: Told
    message: Message
    revert: Revert | None

    @property
    def first_line(self) -> str:
        return self.told.message.strip().split("\n", 1)[0].strip()


def sort_commits(commits: Iterable[Told]) -> Sorted:
    """Return the notes of `commits`, the newest first. One that is there twice by its sha counts once."""
    once = list({each.sha: each for each in commits}.values())
    merges = [each.sha for each in once if is_merge(each.message, each.parents)]
    merged = set(merges)
    read = [_read(each) for each in once if each.sha not in merged]
    pairs = pairs_of([(each.told.sha, each.first_line, each.revert) for each in read])
    gone = {sha for pair in pairs for sha in pair}
    return Sorted(_grouped([each for each in read if each.told.sha not in gone]), pairs, merges)


def section_of(message: Message, revert: Revert | None) -> Section:
    if message.is_breaking:
        return Section.BREAKING
    return Section.REVERTS if revert else _SECTIONS.get(message.type, Section.OTHER)


def _grouped(read: Sequence[_Read]) -> list[Group]:
    entries: defaultdict[Section, list[Entry]] = defaultdict(list)
    for each in read:
        entries[section_of(each.message, each.revert)].append(_entry(each))
    return [Group(section, tuple(entries[section])) for section in Section if section in entries]


def _read(told: Told) -> _Read:
    message = parse_message(told.message)
    return _Read(told, message, revert_of(message, told.message))


def _entry(each: _Read) -> Entry:
    told, message = each.told, each.message
    return Entry(
        sha=told.sha,
        subject=plain(message.description) or "(no message)",
        type=message.type,
        scope=plain(message.scope, limit=100),
        author=plain(told.author, limit=200),
        url=told.url,
        is_breaking=message.is_breaking,
        breaking_changes=tuple(plain(text, limit=2000) for text in message.breaking_changes),
        issues=references_of(message, told.issue_url),
    )
