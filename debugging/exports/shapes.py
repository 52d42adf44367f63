"""What a reproduction is made of, whichever file it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass

from debugging.choices import SecretPlace
from debugging.requests.shapes import WebRequest

TARGET_VARIABLE = "TRADEWATCH_TARGET_URL"
LOCAL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that the file does not hold: it is read from the environment, as `variable`.

    `name` is the header's, parameter's or cookie's, in a body a JSON pointer. Required: the target has it as a secret;
    else it was taken out before anything was stored, and is sent where somebody sets it.
    """

    place: SecretPlace
    name: str
    variable: str
    is_required: bool

    @property
    def words(self) -> str:
        return f"{self.place.value} {self.name}"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`base_url` empty: whoever runs the file must say where. `failing_status`: with which the bug answers, if known;
    `expected_status`: with which it answers once it is gone, where somebody said so. `lost` names what is neither in
    the request nor in a slot."""

    name: str  # DBG-12
    title: str
    url: str  # of the session's page
    request: WebRequest
    base_url: str = LOCAL
    slots: Sequence[Slot] = ()
    failing_status: int | None = None
    expected_status: int | None = None
    lost: Sequence[str] = ()

    def slots_in(self, place: SecretPlace) -> list[Slot]:
        return [slot for slot in self.slots if slot.place == place]


@dataclass(frozen=True, slots=True)
class File:
    name: str
    text: str
