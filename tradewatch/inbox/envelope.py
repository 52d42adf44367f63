"""The envelope grammar (https://develop.sentry.dev/sdk/envelopes/): `headers \\n (item_headers \\n payload)*`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    type: str
    headers: Mapping[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    headers: Mapping[str, Any]
    items: list[Item]
