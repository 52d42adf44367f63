from collections.abc import Iterator

import pytest

from sla.minutes.loading import forget


@pytest.fixture(autouse=True)
def _no_blocks_in_memory() -> Iterator[None]:
    """Keys of blocks come again from test to test."""
    forget()
    yield
