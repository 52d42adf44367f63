"""What the walk over all pages saw, for each test that looks for one attack in it."""

from pathlib import Path

import pytest

from tests.attacks.walk import Walked, walked


@pytest.fixture
def seen(db: None, inbox: Path) -> Walked:
    return walked()
