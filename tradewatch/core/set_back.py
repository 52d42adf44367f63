"""The machine's clock was ahead and was set back: what was planned meanwhile would wait for as long as it was wrong.

Whoever keeps moments to wait for registers a repair. Noticed by the sign of life of the clock, which then lies in the
future; what was wrong for less than a minute costs less than a minute, and is left alone.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tradewatch.core import pulse

logger = logging.getLogger(__name__)

Repair = Callable[[datetime, timedelta], None]  # now, and by how much the clock was ahead; a second run does no harm

_repairs: dict[str, Repair] = {}


def add_repair(name: str, repair: Repair) -> None:
    """Have it run when the clock was set back, from an `AppConfig.ready`."""
    _repairs[name] = repair


def beat(now: datetime) -> None:
    """Show that the clock runs, after whatever it was set back by is repaired."""
    last = pulse.last_beat()
    if last is not None and last - now > pulse.LATE:
        logger.warning(
            "the clock was set back by about %.0f s, or machines disagree about the time", (last - now).total_seconds()
        )
        for repair in _repairs.values():
            repair(now, last - now)
    pulse.beat(now)
