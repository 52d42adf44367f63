from datetime import UTC, datetime

import pytest

from releases.commits.drafts import FileDraft
from releases.git.parsing import parse_log

A, B = b"a" * 40, b"b" * 40


def test_commits_with_and_without_files() -> None:
    output = b"\0".join(
        [
            *(A, B, b"Mara", b"m@x", b"1780000000", b"fix: it\n\nbody\n", b""),
            *(b"\nM", b"a.py", b"R100", b"old", b"new"),
            *(B, b"", b"Zo\xeb", b"z@x", b"99999999999999", b"", b"", b""),
        ]
    )
    first, second = parse_log(output)
    assert (first.sha, first.parents, first.message) == ("a" * 40, ("b" * 40,), "fix: it\n\nbody")
    assert first.committed_at == datetime.fromtimestamp(1780000000, UTC)
    assert first.files == (FileDraft("a.py", "M"), FileDraft("new", "R"))
    assert (second.author_name, second.message, second.committed_at, second.files) == ("Zo\ufffd", "", None, ())


def test_a_file_may_be_called_like_anything() -> None:
    """A path stands only where a path is expected: after a status."""
    files = (b"\nA", B, b"A", b"R100", b"D", b"\nM", b"MM", b"both.py")
    output = b"\0".join([A, b"", b"", b"", b"0", b"x", b"", *files, b""])
    (commit,) = parse_log(output)
    assert [(each.path, each.change) for each in commit.files] == [
        (B.decode(), "A"),
        ("R100", "A"),
        ("\nM", "D"),
        ("both.py", "M"),
    ]


def test_nothing_is_nothing_and_what_git_does_not_write_is_refused() -> None:
    assert parse_log(b"") == []
    for wrong in (b"fatal: no", A, A + b"\0\0\0", b"\0".join([A, b"", b"", b"", b"0", b"x", b"", b"what", b"a.py"])):
        with pytest.raises(ValueError, match=r"expected a commit's hash|cut off"):
            parse_log(wrong)
