"""Where an alert goes: the route that takes it, and the group there."""

from dataclasses import dataclass

from alerts.models import Alert
from alerts.routing import Destination


@dataclass(frozen=True, slots=True)
class Place:
    """An alert and a route that takes it. `came_with`: why it joins the group of another alert, instead of its own."""

    alert: Alert
    destination: Destination
    labels: dict[str, str]
    key: str
    came_with: str = ""
