"""Whether a session counts as its user's. Pure; `gate` asks it for every request and socket."""

from dataclasses import dataclass
from enum import Enum


class Standing(Enum):
    ADMITTED = "admitted"
    ENDED = "ended"
    NEEDS_CODE = "needs code"
    NEEDS_ENROLMENT = "needs enrolment"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """`authenticator_id`: the user's confirmed one, if any. `passed_id`: the one whose code this session has given."""

    is_ended: bool
    authenticator_id: int | None
    passed_id: int | None


def standing_of(facts: SessionFacts, *, is_required: bool) -> Standing:
    """Return what is missing. A factor enrolled again is another one: codes given for the old do not count."""
    if facts.is_ended:
        return Standing.ENDED
    if facts.authenticator_id is not None:
        return Standing.ADMITTED if facts.passed_id == facts.authenticator_id else Standing.NEEDS_CODE
    return Standing.NEEDS_ENROLMENT if is_required else Standing.ADMITTED
