from pathlib import Path
from typing import Any

import pytest

from tests.releases.git.repositories import Repo, make_repo


@pytest.fixture
def repo(tmp_path: Path, settings: Any) -> Repo:
    """An empty repository within the only root."""
    settings.GIT_ROOTS = [str(tmp_path)]
    return make_repo(tmp_path / "trading-api")
