"""The forms of the workbench: each is sent to the page itself, and comes back on it where something was wrong.

Done, the answer is a redirect to the part of the page that changed; a dry run and a fault draw the page again with the
texts that were sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from debugging.models import DebugSession
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault, Invalid
from tradewatch.dashboard.debugging.fields import NOTHING_SENT, Sent, sent_back

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """`text` says what was done; `anchor` is the place of the page that shows it."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page is drawn again: `sent` with what the form held, `shown` with what a dry run would send."""

    sent: Sent = NOTHING_SENT
    shown: Any = None
    status: int = 200


Post = Callable[[Actor, DebugSession, Values], "Done | Drawn"]


def post(forms: Mapping[str, Post], actor: Actor, session: DebugSession, values: Values) -> Done | Drawn:
    """Do what the form asks. A refusal is shown at it, with the service's words."""
    name = values.get("form", "")
    try:
        if name not in forms:
            raise Invalid("no such form", errors={"form": [f"expected one of {', '.join(forms)}"]})
        return forms[name](actor, session, values)
    except Fault as fault:
        return Drawn(sent_back(name, values, fault), status=fault.status)
