"""Which of an SDK's attributes tell series apart, scrubbed.

Every point repeats them, so a container of a thousand has a handful of different ones: each is read once.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tradewatch.inbox.kept_items import plain_text
from tradewatch.inbox.lenient_json import loads_leniently
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.metrics.points.values import Attributes, canonical
from tradewatch.performance.custom_metrics.entries import DROPPED

ENVIRONMENT = "sentry.environment"
MOST_REMEMBERED = 5_000


class Place(NamedTuple):
    """What a point's attributes come to: its environment (empty: not said), and its series."""

    environment: str
    attributes: Attributes


class AttributeReader:
    """Reads attributes as JSON bytes, and remembers what they came to."""

    def __init__(self) -> None:
        self._known: dict[tuple[ScrubPolicy, bytes], Place] = {}

    def read(self, raw: bytes, policy: ScrubPolicy) -> Place:
        key = policy, raw
        if (known := self._known.get(key)) is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = known = place_of(loads_leniently(raw) if raw else None, policy)
        return known


def place_of(attributes: object, policy: ScrubPolicy) -> Place:
    if not isinstance(attributes, Mapping):
        return Place("", ())
    own = {name: _value(value) for name, value in attributes.items() if not name.startswith(DROPPED)}
    if own:
        scrub_document(own, policy)
        own.pop("_removed", None)
    environment = plain_text(_value(attributes.get(ENVIRONMENT)), 64)
    return Place(environment, canonical({_plain(name): _plain(value) for name, value in own.items()}))


def _value(attribute: object) -> Any:
    """SDKs wrap each: {"value": "XNYS", "type": "string"}."""
    return attribute.get("value") if isinstance(attribute, Mapping) else attribute


def _plain(value: Any) -> Any:
    return plain_text(value, 200) if isinstance(value, str) else value
