"""The panel "Many at once": a matrix of variants, the search for the smallest request that still fails."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from debugging.batches.services import ask_matrix, ask_shrink
from debugging.batches.simplifying import steps
from debugging.batches.trees import tree_of
from debugging.models import DebugSession
from debugging.requests.shapes import WebRequest
from tradewatch.core.actors import Actor
from tradewatch.dashboard.debugging.asked_ids import number_of
from tradewatch.dashboard.debugging.batch_lines import batch_lines
from tradewatch.dashboard.debugging.fields import Field, Sent
from tradewatch.dashboard.debugging.matrix_form import matrix_of
from tradewatch.dashboard.debugging.posting import Done, Drawn, Values
from tradewatch.dashboard.debugging.target_choices import Targets


def batches_section(
    session: DebugSession,
    actor: Actor,
    captured: WebRequest | None,
    targets: Targets,
    asked: Mapping[str, str],
    drawn: Drawn,
) -> dict[str, Any]:
    """Return what the panel shows. `may_shrink`: there is something in the request that can be left out."""
    matrix, shrink = drawn.sent.of("matrix"), drawn.sent.of("shrink")
    return {
        "lines": batch_lines(session, actor, opened=number_of(asked.get("batch"))),
        "matrix": matrix,
        "shrink": shrink,
        "matrix_fields": _matrix_fields(matrix, targets, captured),
        "shrink_fields": [_target(shrink, targets)],
        "may_shrink": captured is not None and bool(steps(tree_of(captured))),
    }


def post_matrix(actor: Actor, session: DebugSession, values: Values) -> Done:
    asked = matrix_of(values)
    batch = ask_matrix(actor, session, values.get("target", ""), **asked, now=timezone.now())
    return Done(f"Matrix of {batch.total} at {batch.target_name} begun", "batches")


def post_shrink(actor: Actor, session: DebugSession, values: Values) -> Done:
    batch = ask_shrink(actor, session, values.get("target", ""), now=timezone.now())
    return Done(f"Search at {batch.target_name} begun", "batches")


def _matrix_fields(sent: Sent, targets: Targets, captured: WebRequest | None) -> list[Field]:
    said, errors = sent.values, _errors(sent.errors)
    places = ", ".join(places_of(captured)) if captured else ""
    return [
        _target(sent, targets),
        Field("place", "What changes", said.get("place", ""), f"E.g. {places}.", errors.get("place", ()),
              placeholder="body /quantity"),
        Field("values", "Values", said.get("values", ""), "One a line: JSON, or text. null leaves it out.",
              errors.get("values", ()), rows=4),
        Field("variants", "Or variants", said.get("variants", ""), 'JSON: [{"method": "PUT"}, {"body": {}}]',
              errors.get("variants", ()), rows=3),
    ]  # fmt: skip


def places_of(request: WebRequest) -> list[str]:
    """Return a few places of the request, as a matrix names them."""
    found = [f"body /{name}" for name in request.body][:3] if isinstance(request.body, dict) else []
    found += [f"query {name}" for name, _ in request.query][:1] + [f"header {name}" for name, _ in request.headers][:1]
    return [*found, "method"][:4]


def _target(sent: Sent, targets: Targets) -> Field:
    options = [(each.name, f"{each.name} · {each.kind.lower()}") for each in targets.choices]
    chosen = sent.values.get("target") or next((each.name for each in targets.choices if each.is_chosen), "")
    waits = any(each.waits for each in targets.choices)
    words = "Production waits for a second person." if waits else ""
    return Field("target", "At", chosen, words, sent.errors.get("target", ()), options=options)


def _errors(errors: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What is wrong with an axis is wrong with its place or its values: it stands at the values."""
    return {("values" if name == "axes" else name): texts for name, texts in errors.items()}
