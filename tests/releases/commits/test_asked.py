from datetime import UTC, datetime
from typing import Any

import pytest

from releases.commits.asked import MOST_COMMITS, read_told

SHA = "9f3c2e1" + "0" * 33
FINE = {"version": "2.0.1", "repository": "acme/api", "commits": [{"id": SHA}]}


def faults_of(**changes: Any) -> dict[str, Any]:
    told, faults = read_told({**FINE, **changes})
    assert told is None
    return dict(faults)


def faults_in(**commit: Any) -> dict[str, Any]:
    return faults_of(commits=[{"id": SHA}, {"id": SHA, **commit}])


def test_all_that_can_be_told() -> None:
    commit = {
        "id": SHA.upper(), "message": "fix: it\n\nRefs: #1", "author_name": "Mara", "author_email": "mara@example.com",
        "timestamp": "2026-11-23T15:52:10.123456789+01:00", "parents": ["a" * 40],
        "files": [{"path": "app/risk/margin.py", "type": "M"}, {"path": "new.py", "type": "added"}, {"path": "x"}],
    }  # fmt: skip
    told, faults = read_told({**FINE, "url": "git@github.com:acme/api.git", "commits": [commit], "replace": True})
    assert not faults and told is not None and told.replaces
    (draft,) = told.commits
    assert (told.url, draft.sha, draft.parents) == ("https://github.com/acme/api", SHA, ("a" * 40,))
    assert draft.committed_at == datetime(2026, 11, 23, 14, 52, 10, 123456, UTC)
    assert [(file.path, file.change) for file in draft.files] == [
        ("app/risk/margin.py", "M"), ("new.py", "A"), ("x", "M"),
    ]  # fmt: skip


def test_what_sentry_cli_calls_it_is_understood_and_little_is_enough() -> None:
    told, _ = read_told(
        {**FINE, "commits": [{"id": SHA, "patch_set": [{"path": "a.py", "type": "D"}], "message": None}]}
    )
    assert told is not None and told.commits[0].files[0].change == "D"
    told, _ = read_told(FINE)
    assert told is not None and (told.url, told.replaces, told.commits[0].committed_at) == ("", False, None)
    told, _ = read_told({**FINE, "commits": [{"id": SHA, "timestamp": "2026-11-23T14:52:10"}]})
    assert told is not None and told.commits[0].committed_at == datetime(2026, 11, 23, 14, 52, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": None}, "version"), ({"version": "../x"}, "version"), ({"version": 2}, "version"),
        ({"version": "--upload-pack=x"}, "version"), ({"version": "x" * 10_000}, "version"),
        ({"repository": ""}, "repository"), ({"repository": "a\nb"}, "repository"),
        ({"repository": "x" * 201}, "repository"),
        ({"url": "javascript:alert(1)"}, "url"), ({"url": 5}, "url"),
        ({"url": f"https://github.com/{'x' * 600}/y"}, "url"),
        ({"commits": None}, "commits"), ({"commits": []}, "commits"), ({"commits": {"id": SHA}}, "commits"),
        ({"commits": [{"id": SHA}] * (MOST_COMMITS + 1)}, "commits"), ({"commits": ["x"]}, "commits.0"),
        ({"replace": "yes"}, "replace"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field(change: dict[str, Any], field: str) -> None:
    assert list(faults_of(**change)) == [field]


@pytest.mark.parametrize(
    ("commit", "field"),
    [
        ({"id": None}, "id"), ({"id": "HEAD"}, "id"), ({"id": "9f3c"}, "id"), ({"id": 7}, "id"),
        ({"message": 3}, "message"), ({"author_name": []}, "author_name"), ({"author_email": {}}, "author_email"),
        ({"timestamp": "yesterday"}, "timestamp"), ({"timestamp": 3}, "timestamp"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
        ({"parents": "a"}, "parents"), ({"parents": ["x"]}, "parents.0"), ({"parents": ["a" * 40] * 101}, "parents"),
        ({"files": {}}, "files"), ({"files": [3]}, "files.0"), ({"patch_set": [{"path": ""}]}, "patch_set.0.path"),
        ({"files": [{"path": "a", "type": "Q"}]}, "files.0.type"), ({"files": [{"path": 1}]}, "files.0.path"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_commit_is_said_by_its_place(commit: dict[str, Any], field: str) -> None:
    assert list(faults_in(**commit)) == [f"commits.1.{field}"]


def test_a_body_that_is_none_and_many_faults() -> None:
    assert read_told([1])[1] == {"body": ["expected an object"]}
    assert len(faults_of(commits=[{"id": "x"}] * 500)) == 20
