import shutil
from pathlib import Path

import pytest

from releases.git.reading import GitRepository, open_repository
from releases.git.running import GitError
from tests.releases.git.repositories import Repo, import_chain


def read(repo: Repo) -> GitRepository:
    return open_repository(str(repo.path))


def subjects(repo: Repo, older: str | None, newer: str) -> list[str]:
    return [each.message.split("\n")[0] for each in read(repo).log(older, newer)]


def test_a_range_is_what_git_says_it_is(repo: Repo) -> None:
    first = repo.commit("feat: one\n\nIts body,\nof two lines.\n", "app/risk/margin.py")
    repo.git("tag", "-a", "-m", "first", "v1.0.0")
    repo.git("mv", "app/risk/margin.py", "app/risk/limits.py")
    second = repo.commit("refactor: rename")
    repo.git("rm", "-q", "app/risk/limits.py")
    third = repo.commit("feat!: drop it", "new.py", author="Zoë Ünal <zoë@example.com>")
    found = read(repo)
    assert (found.resolve("1.0.0"), found.resolve("api@1.0.0"), found.resolve(third[:8])) == (first, first, third)
    newest, older = found.log(first, third)
    assert (newest.sha, newest.parents, newest.author_name) == (third, (second,), "Zoë Ünal")
    assert {(each.path, each.change) for each in newest.files} == {("new.py", "A"), ("app/risk/limits.py", "D")}
    assert [(each.path, each.change) for each in older.files] == [("app/risk/limits.py", "R")]
    (oldest,) = found.log(None, first)
    assert (oldest.message, oldest.parents, len(oldest.files)) == ("feat: one\n\nIts body,\nof two lines.", (), 1)
    assert found.log(third, first) == []
    assert [found.is_ancestor(first, third), found.is_ancestor(third, first)] == [True, False]


def test_merges_reverts_and_squashes(repo: Repo) -> None:
    base = repo.commit("feat: base", "a.py", "b.py")
    for name in ("one", "two", "three"):
        repo.git("checkout", "-q", "-b", name, base)
        repo.commit(f"feat: {name}", f"{name}.py")
    repo.git("checkout", "-q", "main")
    repo.commit("fix: on main", "a.py")
    octopus = repo.merge("one", "two", message="Merge one and two")
    repo.git("merge", "-q", "--squash", "three")
    squash = repo.commit("feat: three, squashed (#12)")
    repo.minutes += 1
    repo.git("revert", "--no-edit", squash, GIT_AUTHOR_NAME="CI", GIT_AUTHOR_EMAIL="c@i")
    head = repo.git("rev-parse", "HEAD")
    expected = ['Revert "feat: three, squashed (#12)"', "feat: three, squashed (#12)", "Merge one and two"]
    assert subjects(repo, base, head) == [*expected, "fix: on main", "feat: two", "feat: one"]
    commits = {each.sha: each for each in read(repo).log(base, head)}
    assert (len(commits[octopus].parents), commits[octopus].files) == (3, ())
    assert commits[head].message.endswith(f"This reverts commit {squash}.")
    assert [each.path for each in commits[squash].files] == ["three.py"]
    assert read(repo).merge_base(head, repo.git("rev-parse", "three")) == base


def test_what_a_merge_itself_changed_is_its_own(repo: Repo) -> None:
    base = repo.commit("feat: base", "a.py", "quiet.py")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("feat: side", "a.py", "side.py")
    repo.git("checkout", "-q", "main")
    repo.commit("feat: main", "a.py")
    repo.git("merge", "-q", "--no-commit", "-s", "ours", "side", GIT_AUTHOR_NAME="CI", GIT_AUTHOR_EMAIL="c@i")
    repo.write("a.py", "neither")
    merge = repo.commit("Merge side, by hand")
    newest = read(repo).log(base, merge)[0]
    assert [(each.path, each.change) for each in newest.files] == [("a.py", "M")]


def test_odd_names_messages_and_authors(repo: Repo) -> None:
    first = repo.commit("", "with space.py", 'quote"s.py', "line\nend.py", "größe/日本.py", "-x.py", "f" * 40 + ".py")
    repo.write("a" * 40)
    second = repo.commit("\x01\x1b[31m red", author="\u202eevil <x>")
    third = repo.commit(f"{first}\n\n commit {first}\nM\ta.py\n")
    newest, middle, oldest = read(repo).log(None, third)
    assert oldest.message == "" and {each.path for each in oldest.files} == {
        "with space.py",
        'quote"s.py',
        "line\nend.py",
        "größe/日本.py",
        "-x.py",
        "f" * 40 + ".py",
    }
    assert (middle.message, middle.author_name) == ("\x01\x1b[31m red", "\u202eevil")
    assert [each.path for each in middle.files] == ["a" * 40]
    assert (newest.parents, newest.files) == ((second,), ())


def test_bytes_that_are_no_text_are_marked(repo: Repo) -> None:
    repo.commit("feat: one", "a.py")
    tree = repo.git("rev-parse", "HEAD^{tree}").encode()
    raw = b"tree %b\nauthor Ren\xe9 <r\xe9@x> 1 +0000\ncommitter R <r@x> 1 +0000\n\ngr\xf6\xdfer\n" % tree
    sha = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    (found,) = read(repo).log(None, sha)
    assert (found.message, found.author_name, found.author_email) == ("gr\ufffd\ufffder", "Ren\ufffd", "r\ufffd@x")


def test_a_told_encoding_is_read(repo: Repo) -> None:
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    head = repo.commit("größer".encode("latin-1"))
    assert read(repo).log(None, head)[0].message == "größer"


def test_tags_come_before_hashes_and_branches_are_no_names(repo: Repo) -> None:
    first, second = repo.commit("feat: one"), repo.commit("feat: two")
    repo.git("tag", first[:10], second)  # a tag that looks like another commit's hash
    repo.git("branch", second[:12], first)
    repo.git("tag", "tree", "HEAD^{tree}")
    found = read(repo)
    assert found.resolve(first[:10]) == second
    assert found.resolve(second[:12]) is None  # git would say: the branch of that name
    assert [found.resolve(name) for name in ("main", "HEAD", "tree", "0" * 40, "9.9.9", "")] == [None] * 6
    with pytest.raises(GitError):
        found.log(None, "main")
    with pytest.raises(GitError):
        found.log("--output=/tmp/x", second)


def test_a_shallow_clone_ends_where_it_ends(repo: Repo, tmp_path: Path) -> None:
    for number in range(5):
        repo.commit(f"feat: {number}", "a.py")
    head = repo.git("rev-parse", "HEAD")
    repo.git("clone", "-q", "--depth=2", f"file://{repo.path}", str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    assert subjects(shallow, None, head) == ["feat: 4", "feat: 3"]
    assert read(shallow).resolve(repo.git("rev-parse", "HEAD~4")) is None


def test_a_partial_clone_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    head = repo.commit("feat: one", "a.py")
    repo.git("clone", "-q", "--no-checkout", "--filter=tree:0", f"file://{repo.path}", str(tmp_path / "partial"))
    with pytest.raises(GitError, match=r"not allowed|promisor|could not fetch"):
        read(Repo(tmp_path / "partial")).log(None, head)


def test_a_broken_repository_says_so(repo: Repo) -> None:
    first = repo.commit("feat: one", "a.py")
    head = repo.commit("feat: two", "a.py")
    (repo.path / ".git/objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(GitError, match="git says"):
        read(repo).log(None, head)
    shutil.rmtree(repo.path / ".git/objects")
    with pytest.raises(GitError, match=r"not a git repository|git says"):
        read(repo).resolve(head)


def test_nothing_in_common(repo: Repo) -> None:
    first = repo.commit("feat: one", "a.py")
    repo.git("checkout", "-q", "--orphan", "other")
    other = repo.commit("feat: other")
    assert read(repo).merge_base(first, other) is None
    assert [each.sha for each in read(repo).log(first, other)] == [other]


def test_ten_thousand_commits(repo: Repo) -> None:
    import_chain(repo, 10_000)
    head = repo.git("rev-parse", "main")
    found = read(repo).log(None, head)
    assert len(found) == 10_000 and all(len(each.files) == 2 for each in found[:-50])
    assert found[0].message == "fix(area0): number 10000\n\nIts body."
    assert len(read(repo).log(None, head, most=10)) == 10
