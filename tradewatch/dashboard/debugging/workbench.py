"""What the right side of the workbench shows: replays, batches, simulations, the test to keep."""

from collections.abc import Mapping
from typing import Any

from debugging.choices import EntryKind
from debugging.models import DebugSession
from tradewatch.core.actors import Actor
from tradewatch.dashboard.debugging.batching import batches_section, post_matrix, post_shrink
from tradewatch.dashboard.debugging.exporting import exports_section
from tradewatch.dashboard.debugging.posting import Drawn, Post
from tradewatch.dashboard.debugging.replaying import captured_of, post_replay, replays_section
from tradewatch.dashboard.debugging.simulating import post_simulation, simulations_section
from tradewatch.dashboard.debugging.target_choices import targets_of

FORMS: Mapping[str, Post] = {
    "replay": post_replay,
    "matrix": post_matrix,
    "shrink": post_shrink,
    "simulate": post_simulation,
}


def workbench_of(session: DebugSession, actor: Actor, asked: Mapping[str, str], drawn: Drawn) -> dict[str, Any]:
    """Return what the templates of the right side take. `asked`: the parameters of the address.

    Without a request in the error there are no forms, and `no_request` says why.
    """
    captured, why = captured_of(session)
    is_unsafe = captured is not None and captured.is_unsafe
    targets = targets_of(session.project_id, actor, is_unsafe=is_unsafe, chosen=drawn.sent.values.get("target", ""))
    return {
        "no_request": why,
        "targets": targets,
        "verified": session.entries.filter(kind=EntryKind.VERIFIED).order_by("-id").first(),
        **replays_section(session, actor, captured, asked, drawn),
        "batches": batches_section(session, actor, captured, targets, asked, drawn),
        "simulations": simulations_section(session, drawn),
        **exports_section(session, asked),
    }
