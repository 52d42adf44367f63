"""What is said above the list. Values in, text out."""

from releases.notes.values import Notes


def summary_of(notes: Notes) -> str:
    """Return `Since 2.0.0 in production: 14 commits by 3 people. 1 merge is left out.`"""
    found = notes.sorted
    since = f"Since {notes.previous} in {notes.environment}" if notes.previous else "All commits known of it"
    if not found.commit_count:
        return f"{since}: none. No commit was told or read that only it has."
    by = f" by {_count(len(notes.contributors), 'person', 'people')}" if notes.contributors else ""
    return f"{since}: {_count(found.entry_count, 'commit')}{by}.{_left_out(notes)}"


def _left_out(notes: Notes) -> str:
    merges, pairs = len(notes.sorted.merges), len(notes.sorted.cancelled)
    left = [
        _count(merges, "merge") if merges else "",
        _count(pairs, "commit with its revert", "commits with their reverts") if pairs else "",
    ]
    said = " and ".join(filter(None, left))
    return f" Left out: {said}." if said else ""


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
