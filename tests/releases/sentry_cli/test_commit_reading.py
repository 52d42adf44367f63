from typing import Any

import pytest

from releases.commits.drafts import FileDraft
from releases.sentry_cli.commit_reading import Ref, read_commits, read_refs, repository_for, told_of
from tradewatch.core.faults import Invalid

SHA = "0eced40a0036ef327cb58867855ab2f3274d1d22"
COMMIT = {
    "id": SHA,
    "repository": "origin",
    "author_name": "Ann Ünal",
    "author_email": "ann@example.com",
    "timestamp": "2026-11-26T10:24:54+01:00",
    "message": "feat: c3\n\nbody\n",
    "patch_set": [{"path": "a.py", "type": "A"}, {"path": "ü b.py", "type": "T"}, {"path": "c", "type": "C100"}],
}


def test_refs_as_sentry_cli_writes_them() -> None:
    said = {"refs": [{"repository": "acme/oms", "commit": SHA.upper(), "previousCommit": None}]}
    assert read_refs(said) == [Ref("acme/oms", SHA)]
    said["refs"][0]["previousCommit"] = "abc1234"
    assert read_refs(said) == [Ref("acme/oms", SHA, "abc1234")]
    assert (read_refs({"refs": []}), read_refs({})) == ([], None)


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ({"repository": "acme/oms", "commit": "HEAD"}, "'HEAD' is no commit"),
        ({"repository": "acme/oms", "commit": "--upload-pack=x"}, "is no commit"),
        ({"repository": "acme/oms", "commit": SHA, "previousCommit": "v1..v2"}, "'v1..v2' is no commit"),
        ({"repository": "acme/oms"}, "a ref names no commit"),
        ({"commit": SHA}, "a ref names no repository"),
        ({"repository": 7, "commit": SHA}, "repository is not a text"),
    ],
)
def test_a_ref_is_a_hash(ref: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_refs({"refs": [ref]})


def test_commits_come_by_repository_with_their_files() -> None:
    other = {**COMMIT, "id": "b" * 40, "repository": "acme/risk", "patch_set": None}
    found = read_commits({"commits": [COMMIT, other]})
    assert found is not None and list(found) == ["origin", "acme/risk"]
    told = told_of("1.0", "acme/oms", found["origin"], replaces=True)
    [commit] = told.commits
    assert (told.version, told.repository, told.replaces) == ("1.0", "acme/oms", True)
    assert (commit.sha, commit.author_name, commit.message) == (SHA, "Ann Ünal", "feat: c3\n\nbody\n")
    assert commit.committed_at is not None and commit.committed_at.isoformat() == "2026-11-26T09:24:54+00:00"
    assert commit.files == (FileDraft("a.py", "A"), FileDraft("ü b.py", "M"), FileDraft("c", "A"))
    assert told_of("1.0", "acme/risk", found["acme/risk"], replaces=False).commits[0].files == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "HEAD"}, "bad commits: commits.0.id expected 7 to 64 hexadecimal digits"),
        ({"timestamp": "soon"}, "bad commits: commits.0.timestamp expected a time"),
        ({"message": 7}, "bad commits: commits.0.message expected a text"),
    ],
)
def test_what_is_wrong_with_a_commit_is_a_sentence(change: Any, words: str) -> None:
    found = read_commits({"commits": [{**COMMIT, **change}]})
    assert found is not None
    with pytest.raises(Invalid, match=words):
        told_of("1.0", "acme/oms", found["origin"], replaces=True)


@pytest.mark.parametrize("value", [{"commits": "x"}, {"commits": [7]}, {"commits": [{**COMMIT, "patch_set": "x"}]}])
def test_what_are_no_commits_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        read_commits(value)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("origin", [], "origin"),
        ("origin", ["acme/oms"], "acme/oms"),
        ("origin", ["acme/oms", "acme/risk"], "origin"),
        ("acme/risk", ["acme/oms"], "acme/risk"),
    ],
)
def test_a_remotes_name_means_the_only_repository(name: str, known: list[str], expected: str) -> None:
    assert repository_for(name, known) == expected
