import shutil
import subprocess
from pathlib import Path

import pytest

NODE = Path(__file__).parent / "node"
INSTALL_SECONDS = 300


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """The folder with the npm clients installed, as package-lock.json pins them; again only when that has changed."""
    lock, installed = NODE / "package-lock.json", NODE / "node_modules" / ".installed-lock.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=NODE, check=True, timeout=INSTALL_SECONDS)
        shutil.copy(lock, installed)
    return NODE
