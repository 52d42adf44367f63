"""The SENTRY_* options as `/error-tracking/status` shows them: each value, and whether it does anything yet."""

from collections.abc import Mapping
from typing import Any, TypedDict

LATER: Mapping[str, str] = {}
PARTLY = {
    "SENTRY_PROFILES_SAMPLE_RATE": "Profiles are relayed and counted; keeping them here comes with a later version.",
}
SHOWN_AS_PRESENCE = {"SENTRY_DSN"}  # its value holds a key


class Switch(TypedDict, total=False):
    value: Any
    takes_effect: bool
    note: str


def switches(values: Mapping[str, Any]) -> dict[str, Switch]:
    """Return {option: switch} of `values`, the SENTRY_* options by name. `note` says what comes later."""
    return {name: _switch(name, value) for name, value in sorted(values.items())}


def _switch(name: str, value: Any) -> Switch:
    shown = bool(value) if name in SHOWN_AS_PRESENCE else value
    if name in LATER:
        return Switch(value=shown, takes_effect=False, note=LATER[name])
    if name in PARTLY:
        return Switch(value=shown, takes_effect=True, note=PARTLY[name])
    return Switch(value=shown, takes_effect=True)
