"""What `make run` says on a machine that lacks something."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.servers import ROOT

TOOLS = ("sh", "dirname", "cat", "cksum", "env")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout's install script on a machine with a shell and no Python."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "install", tmp_path / ".ci")
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def give(bare: Path, name: str, script: str) -> None:
    program = bare / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def install(bare: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(bare / "bin"), **variables}
    return subprocess.run([".ci/install"], cwd=bare, env=env, capture_output=True, text=True, timeout=30)


def test_without_python_it_names_the_version_and_the_package(bare: Path) -> None:
    done = install(bare)
    assert done.returncode == 1
    assert "TradeWatch needs Python 3.11 or later" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_is_named(bare: Path) -> None:
    give(bare, "python3", '[ "$1" = --version ] && echo "Python 3.9.2" && exit 0; exit 1')
    done = install(bare)
    assert done.returncode == 1
    assert "3.11 or later; found: Python 3.9.2" in done.stderr


def test_a_python_without_venv_says_so(bare: Path) -> None:
    answers = '--version) echo "Python 3.11.2";; *ensurepip*) exit 1;; *version_info*) exit 0;; *) exit 1;;'
    give(bare, "python3", f'case "$*" in {answers} esac')
    done = install(bare)
    assert done.returncode == 1
    assert "Python 3.11.2 has no venv module" in done.stderr
    assert "apt-get install python3-venv" in done.stderr


def test_what_is_installed_is_not_installed_again(bare: Path) -> None:
    (bare / ".venv" / "bin").mkdir(parents=True)
    give(bare, "touched", "exit 1")
    (bare / ".venv" / "bin" / "python").symlink_to(bare / "bin" / "touched")
    wanted = subprocess.run(
        "cat requirements.txt requirements.txt .ci/install | cksum",
        shell=True,
        cwd=bare,
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    ).stdout
    (bare / ".venv" / ".installed-requirements.txt").write_text(wanted)
    done = install(bare)
    assert (done.returncode, done.stdout) == (0, "")
