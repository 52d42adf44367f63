from collections.abc import Iterator

import pytest
from django.test import Client

from tests.ingest.relay.upstream import Upstream, running_upstream
from tradewatch.ingest.relay.relaying import forget_choices


@pytest.fixture(autouse=True)
def _no_choices() -> Iterator[None]:
    forget_choices()
    yield
    forget_choices()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        yield started


@pytest.fixture
def client() -> Client:
    """Of the pages; those of SDKs above are asked by another."""
    return Client()
