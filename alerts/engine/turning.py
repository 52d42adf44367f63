from datetime import datetime

from alerts.engine.expiring import end_expired
from alerts.engine.looking import look_at_due_groups
from alerts.engine.placing import place_unrouted
from alerts.engine.timers import unacknowledge_due
from alerts.engine.warning import warn_of_ending_silences


def turn(now: datetime) -> int:
    """Do whatever is due now. Returns how many alerts and groups were moved."""
    return (
        end_expired(now)
        + place_unrouted(now)
        + unacknowledge_due(now)
        + look_at_due_groups(now)
        + warn_of_ending_silences(now)
    )
