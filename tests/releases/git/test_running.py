import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from releases.git.places import fault_in_path
from releases.git.reading import open_repository
from releases.git.running import GitError, run_git
from tests.releases.git.repositories import Repo, make_repo


def put_first(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this script be git."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_git_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "pid"
    put_first(tmp_path / "bin", f"sleep 60 & echo $! > {told}\nwait", monkeypatch)
    began = time.monotonic()
    with pytest.raises(GitError, match="took too long"):
        run_git(tmp_path, "log", seconds=0.5)
    assert time.monotonic() - began < 5
    child = Path(f"/proc/{told.read_text().strip()}/stat")
    deadline = time.monotonic() + 5
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_a_git_that_closes_its_outputs_and_stays_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_first(tmp_path / "bin", "exec >&- 2>&-\nexec sleep 60", monkeypatch)
    with pytest.raises(GitError, match="took too long"):
        run_git(tmp_path, "log", seconds=0.5)


def test_a_git_that_says_too_much_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_first(tmp_path / "bin", "yes", monkeypatch)
    with pytest.raises(GitError, match="more than 1 MiB"):
        run_git(tmp_path, "log", seconds=20, most_bytes=1024 * 1024)


def test_what_it_is_given_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_first(tmp_path / "bin", "env; cat; exit 0", monkeypatch)
    monkeypatch.setenv("GIT_DIR", "/etc")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.pager'='evil'")
    said = run_git(tmp_path, "log", seconds=5).decode().splitlines()  # cat ends at once: there is no input
    assert {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "GIT_CONFIG_GLOBAL=/dev/null"} <= set(said)
    assert not [line for line in said if line.startswith(("GIT_DIR=", "GIT_CONFIG_PARAMETERS="))]


def test_no_git_and_a_git_that_fails_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_first(tmp_path / "bin", "echo first >&2; echo 'fatal: last words' >&2; exit 128", monkeypatch)
    with pytest.raises(GitError, match=r"^git says: fatal: last words$"):
        run_git(tmp_path, "log", seconds=5)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="not installed"):
        run_git(tmp_path, "log", seconds=5)


def signed_commit(repo: Repo, parent: str) -> str:
    """A commit whose signature git would have a program look at."""
    tree = repo.git("rev-parse", "HEAD^{tree}")
    lines = [
        f"tree {tree}",
        f"parent {parent}",
        "author M <m@x> 1780001000 +0000",
        "committer M <m@x> 1780001000 +0000",
    ]
    lines += ["gpgsig -----BEGIN PGP SIGNATURE-----", " ", " -----END PGP SIGNATURE-----", "", "signed", ""]
    return repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin="\n".join(lines).encode())


def test_what_a_repositorys_configuration_would_run_is_not_run(repo: Repo, tmp_path: Path) -> None:
    """The repository was made by whoever pushes to it: its configuration must start nothing."""
    first = repo.commit("feat: one", "a.py")
    top = signed_commit(repo, repo.commit("feat: two", "a.py", "b.py"))
    trap = f"#!/bin/sh\ntouch {tmp_path}/sprung\n"
    for path in [
        tmp_path / "trap",
        *(repo.path / ".git/hooks" / name for name in ("reference-transaction", "post-checkout")),
    ]:
        path.write_text(trap)
        path.chmod(0o755)
    for name in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "diff.external",
        "gpg.program", "pager.log", "pager.rev-parse", "alias.log", "diff.trap.textconv", "diff.trap.command",
    ):  # fmt: skip
        repo.git("config", name, str(tmp_path / "trap"))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "diff.orderFile", "/nonexistent")
    (repo.path / ".git/info/attributes").write_text("*.py diff=trap\n")
    subprocess.run(
        ["git", "log", "-p", "--ext-diff", "--show-signature", top], cwd=repo.path, check=False, capture_output=True
    )
    assert (tmp_path / "sprung").exists()  # the trap is one
    (tmp_path / "sprung").unlink()
    found = open_repository(str(repo.path))
    assert [each.message for each in found.log(first, top)] == ["signed", "feat: two"]
    assert found.resolve(first[:9]) == first
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "path", ["", "relative", "~", "/etc", "/nonexistent", "/etc/passwd", "/a\0b", "/a\nb", "/" + "x" * 9000]
)
def test_paths_outside_the_roots_are_refused_alike(repo: Repo, path: str) -> None:
    assert fault_in_path(path) in (
        "is no folder within TRADEWATCH_GIT_ROOTS",
        "expected the whole path of a folder, from / on",
    )


def test_ways_out_of_the_roots_are_closed(tmp_path: Path, settings: Any) -> None:
    outside = make_repo(tmp_path / "outside")
    outside.commit("feat: secret", "a.py")
    inside = make_repo(tmp_path / "roots/inside")
    inside.commit("feat: open", "folder/a.py")
    settings.GIT_ROOTS = [str(tmp_path / "roots")]
    assert fault_in_path(str(inside.path)) == fault_in_path(f"{inside.path}/") == ""
    (tmp_path / "roots/link").symlink_to(outside.path)
    (tmp_path / "roots/loop").symlink_to(tmp_path / "roots/loop")
    (tmp_path / "roots/pointer").mkdir()
    (tmp_path / "roots/pointer/.git").write_text(f"gitdir: {outside.path}/.git\n")
    for way in ("link", "loop", "inside/../../outside", "../outside"):
        assert fault_in_path(str(tmp_path / "roots" / way)) == "is no folder within TRADEWATCH_GIT_ROOTS", way
    assert "outside TRADEWATCH_GIT_ROOTS" in fault_in_path(str(tmp_path / "roots/pointer"))
    assert "not a git repository" in fault_in_path(str(inside.path / "folder"))  # what is above it is not asked
    assert "not a git repository" in fault_in_path(str(tmp_path / "roots"))
    settings.GIT_ROOTS = []
    assert fault_in_path(str(inside.path)) == "TRADEWATCH_GIT_ROOTS is empty: no repository on disk is read"


def test_a_bare_repository_and_one_of_another_owner_are_read(repo: Repo, tmp_path: Path) -> None:
    head = repo.commit("feat: one", "a.py")
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    if os.geteuid() == 0:
        os.chown(tmp_path / "bare.git", 12345, 12345)
    assert open_repository(str(tmp_path / "bare.git")).resolve(head[:7]) == head
