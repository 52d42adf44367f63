from datetime import timedelta

import pytest
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.core.tasks import beat
from tradewatch.processes.beat import SCHEDULE

pytestmark = pytest.mark.django_db


def test_the_last_beat_is_kept_and_only_that() -> None:
    now = timezone.now()
    assert pulse.last_beat() is None
    pulse.beat(now - timedelta(seconds=15))
    pulse.beat(now)
    assert pulse.last_beat() == now


def test_the_clock_beats_well_before_it_counts_as_late() -> None:
    beat()
    assert pulse.last_beat() is not None
    assert SCHEDULE["tradewatch.core.tasks.beat"]["schedule"] * 3 < pulse.LATE.total_seconds()
