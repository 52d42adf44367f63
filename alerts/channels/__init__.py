"""How a message reaches someone: one module a kind, named in `CHANNELS`. A channel knows no alert and no database.

A kind's `send(settings, message, *, now) -> Outcome` runs outside any transaction; `sending.send_message` is the one
caller. CONTRIBUTING.md says how to add a kind.
"""

from collections.abc import Mapping

from alerts.channels.apprise import APPRISE
from alerts.channels.email import EMAIL
from alerts.channels.kinds import ChannelKind
from alerts.channels.pagerduty import PAGERDUTY
from alerts.channels.slack import SLACK
from alerts.channels.webhook import WEBHOOK

CHANNELS: Mapping[str, ChannelKind] = {kind.name: kind for kind in (EMAIL, SLACK, PAGERDUTY, WEBHOOK, APPRISE)}
