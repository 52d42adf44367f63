"""Which commits are merges and nothing else. Text in, answer out."""

import re
from collections.abc import Sequence

# What git writes by itself (https://git-scm.com/docs/git-fmt-merge-msg), and GitHub's first line.
_SUBJECT = re.compile(
    r"Merge (?:(?:remote-tracking )?branch(?:es)? '.+'|tags? '.+'|commits? '.+'|pull request #\d+ from \S+)"
    r"(?: of \S+)?(?: into \S+)?"
)


def is_merge(text: str, parents: Sequence[str]) -> bool:
    """Return whether a commit only joins others: it has two parents, or, where none were told, a merge's words alone.

    One that is known to have a single parent is none, whatever it says: a squashed merge carries the changes.
    """
    if parents:
        return len(parents) > 1
    return _SUBJECT.fullmatch(text.strip()) is not None
