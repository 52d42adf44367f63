"""What keeps people from being told of an alert, each with its reason: values in, values out.

Rules go on evaluating and recording meanwhile; only delivery waits.
"""

from alerts.suppression.inhibition import Inhibitor as Inhibitor
from alerts.suppression.inhibition import inhibited_by as inhibited_by
from alerts.suppression.reasons import Suppression as Suppression
from alerts.suppression.reasons import SuppressionKind as SuppressionKind
from alerts.suppression.silences import SilenceState as SilenceState
from alerts.suppression.silences import silence_state as silence_state
