"""Commits for tests, with loud defaults."""

from itertools import count

from releases.notes.values import Sorted, Told

_numbers = count(1)


def told(
    message: str, sha: str = "", *, parents: tuple[str, ...] = ("0" * 40,), author: str = "Mara Lindqvist"
) -> Told:
    return Told(sha or f"{next(_numbers):07x}".ljust(40, "f"), message, parents, author, "", "https://git.example/i/{}")


def titles(found: Sorted) -> dict[str, list[str]]:
    """Return {section: subjects}."""
    return {str(group.section): [each.subject for each in group.entries] for group in found.groups}
