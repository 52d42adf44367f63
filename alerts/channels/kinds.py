"""What a kind of channel says of itself: how it is configured, how it sends, what a second sending would mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from alerts.channels.message import Message
from alerts.channels.outcome import Outcome

Settings = Mapping[str, Any]  # by the names of a kind's fields; plain text, or a list of texts


class Send(Protocol):
    def __call__(self, settings: Settings, message: Message, *, now: datetime) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One thing that people enter. A secret is written, never shown again. `check` returns what is wrong, or "".

    `make` makes a value where none is entered: it is shown once, for the receiver. `rotates_into` names the field that
    keeps the one before when it is replaced.
    """

    name: str
    label: str
    help: str = ""
    check: Callable[[str], str] = lambda value: ""
    default: str = ""
    is_secret: bool = False
    is_required: bool = True
    is_list: bool = False  # several values, one a line
    make: Callable[[], str] | None = None
    rotates_into: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """`phrase` completes "Told Ann ...". `is_safe_to_repeat`: its receiver drops what it got before, by the message's
    keys, so an attempt with an unknown end is simply made again."""

    name: str
    label: str
    phrase: str
    send: Send
    fields: tuple[SettingField, ...]
    is_safe_to_repeat: bool = False
    limit_per_minute: int | None = None  # what the receiver allows, as it documents

    @property
    def secret_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.is_secret)


def faults_in(kind: ChannelKind, settings: Settings) -> dict[str, list[str]]:
    """Return {field: what is wrong}; empty: the settings can be used. Names that the kind does not know are faults."""
    faults = {name: ["is no setting of this kind"] for name in settings if name not in {f.name for f in kind.fields}}
    for field in kind.fields:
        values = values_of(field, settings)
        if field.is_required and not values:
            faults[field.name] = ["is needed"]
        elif found := [text for value in values if (text := field.check(value))]:
            faults[field.name] = found
    return faults


def values_of(field: SettingField, settings: Settings) -> list[str]:
    """Return the values entered for a field: none, one, or for a list several."""
    value = settings.get(field.name) or field.default
    entered = value if isinstance(value, list) else [value]
    return [text for text in (str(one).strip() for one in entered) if text]
