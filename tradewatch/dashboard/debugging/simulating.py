"""The panel "Simulate": the error sent through grouping, rules and routing once more, and what came of it."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from debugging.models import DebugSession, Simulation
from debugging.simulations.changes import LEVELS
from debugging.simulations.serializers import simulation_as_json
from debugging.simulations.services import simulate
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.shapes import mapping, values_of
from tradewatch.dashboard.debugging.fields import Field, Sent
from tradewatch.dashboard.debugging.posting import Done, Drawn, Values
from tradewatch.dashboard.debugging.replay_form import lines_as_pairs

SHOWN, MOST_RULES, MOST_ROUTES, MOST_TOLD = 3, 8, 2, 8
TEXTS = ("type", "message", "environment", "release", "transaction")


def simulations_section(session: DebugSession, drawn: Drawn) -> dict[str, Any]:
    sent = drawn.sent.of("simulate")
    rows = Simulation.objects.filter(session=session).order_by("-id")[:SHOWN]
    error = session.event or session.context
    return {
        "sent": sent,
        "notifies": bool(sent.values.get("notify")),
        "fields": _fields(error.payload if error else {}, sent),
        "lines": [_line(row, is_newest=at == 0) for at, row in enumerate(rows)],
    }


def post_simulation(actor: Actor, session: DebugSession, values: Values) -> Done:
    made = simulate(actor, session, changes_of(values), notifies=bool(values.get("notify")), now=timezone.now())
    told = "people are told" if made.notify else "nobody is told"
    return Done(f"Simulated, {told}: the result follows", "simulate")


def changes_of(values: Values) -> dict[str, Any]:
    """Return what was filled in: an empty field stays as it was captured. Raises `Invalid` for a bad line of tags."""
    found: dict[str, Any] = {name: values[name].strip() for name in TEXTS if values.get(name, "").strip()}
    if values.get("level"):
        found["level"] = values["level"]
    if parts := [line.strip() for line in values.get("fingerprint", "").splitlines() if line.strip()]:
        found["fingerprint"] = parts
    try:
        tags = lines_as_pairs(values.get("tags", ""), "=")
    except ValueError as fault:
        raise Invalid("bad changes", errors={"tags": [str(fault)]}) from fault
    if tags:
        found["tags"] = {name: value or None for name, value in tags}
    return found


def _fields(document: Mapping[str, Any], sent: Sent) -> list[Field]:
    thrown = values_of(document.get("exception"))
    last = mapping(thrown[-1]) if thrown else {}
    captured = {**{name: document.get(name) for name in TEXTS}, "type": last.get("type"), "message": last.get("value")}
    labels = {"type": "Type", "message": "Message", "environment": "Environment", "release": "Release",
              "transaction": "Transaction"}  # fmt: skip

    def field(name: str, label: str, words: str = "", **more: Any) -> Field:
        return Field(name, label, sent.values.get(name, ""), words, sent.errors.get(name, ()), **more)

    levels = [("", "as captured"), *((each, each) for each in LEVELS)]
    texts = [
        field(name, label, placeholder=str(captured[name] or "")[:80]) for name, label in labels.items()
        if name != "type" or thrown
    ]  # fmt: skip
    return [
        *texts,
        field("level", "Level", options=levels),
        field("tags", "Tags", "name=value, one a line; name= takes it away.", rows=2),
        field("fingerprint", "Fingerprint", "One part a line; empty: as captured.", rows=2),
    ]


def _line(row: Simulation, *, is_newest: bool) -> dict[str, Any]:
    """Return the result as the API has it, cut to what a page shows; rules that fire come first.

    Of older ones the issue alone is told.
    """
    found = simulation_as_json(row)
    rules = sorted(found["rules"], key=lambda each: not each["fires"])
    routes = [{**each, "told": each["told"][:MOST_TOLD]} for each in found["routes"][:MOST_ROUTES]]
    return {
        **found, "id": row.pk, "at": row.requested_at, "rules": rules[:MOST_RULES],
        "more_rules": max(0, len(rules) - MOST_RULES), "routes": routes,
        "is_newest": is_newest,
        "changed": ", ".join(sorted(row.changes)),
    }  # fmt: skip
