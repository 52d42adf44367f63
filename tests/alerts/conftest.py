from collections.abc import Iterator

import pytest

from tests.alerts.mailbox import Mailbox, running_mailbox


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    with running_mailbox(settings) as box:
        yield box
