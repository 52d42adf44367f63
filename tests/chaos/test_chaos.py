"""A server under steady traffic goes through everything that can happen to it; after each, all promises hold."""

import os

import pytest

from tests.chaos.disturbances import EMBEDDED, GROWN
from tests.chaos.schedule import go_through
from tests.chaos.stage import embedded_stage, grown_stage

pytestmark = pytest.mark.server


@pytest.mark.once
def test_embedded() -> None:
    with embedded_stage() as stage:
        go_through(stage, EMBEDDED)


@pytest.mark.long
@pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="goes through in the part on PostgreSQL + Redis")
def test_grown() -> None:
    with grown_stage(os.environ["DATABASE_URL"]) as stage:
        go_through(stage, GROWN)
