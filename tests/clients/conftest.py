import fcntl
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NODE = Path(__file__).parent / "node"
INSTALL_SECONDS = 300


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """The folder with the npm clients installed, as package-lock.json pins them; again only when that has changed.

    One process of a parallel run at a time: two that install into one folder take away each other's files.
    """
    lock, installed = NODE / "package-lock.json", NODE / "node_modules" / ".installed-lock.json"
    with (Path(tempfile.gettempdir()) / "tradewatch-tests-npm.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_bytes() != lock.read_bytes():
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=NODE, check=True, timeout=INSTALL_SECONDS)
            shutil.copy(lock, installed)
    return NODE
