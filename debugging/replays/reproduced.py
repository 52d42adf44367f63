"""Whether the same error came back: found in our own stream by the trace that the replay began.

No error alone says little: a target that does not report at all has none either. So NO needs a sign that it reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from debugging.choices import Reproduced
from debugging.contexts.capturing import issue_of_hashes
from debugging.models import DebugSession, Replay
from debugging.replays.preparing import span_id_of
from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.families import family_ids, root_of
from tradewatch.errors.models import Event, Issue
from tradewatch.performance.models import KeptTransaction

WAIT = timedelta(seconds=60)  # within which an error comes, if one does
GRACE = timedelta(seconds=1)  # an SDK sends an error before its transaction, but many workers may digest them in turns
REFUSALS = frozenset((401, 403, 404, 405, 407, 429))  # the request did not come as far as the error did
_NO_ERRORS = (ErrorSeverity.DEBUG, ErrorSeverity.INFO)  # messages that an application sends on its way
_MOST_EVENTS = 50


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of a trace. `error`: the event of the same error, or else of another. `reported`: the target's own part
    of the trace is there; `release` is what it names."""

    same: UUID | None = None
    other: UUID | None = None
    other_title: str = ""
    reported: bool = False
    release: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    found: Reproduced
    why: str
    event_id: UUID | None = None


def judge(
    arrived: Arrived, *, status: int | None, was_unhandled: bool, is_over: bool, is_early: bool = False
) -> Judgement:
    """Return what that tells. `status` None: no answer. `was_unhandled`: the original ended its request with a 500.
    `is_over`: the time within which an error comes has passed; `is_early`: hardly any has."""
    if arrived.same is not None:
        return Judgement(Reproduced.YES, "The same error came back, in the trace that the replay began.", arrived.same)
    if arrived.other is not None:
        title = f": {arrived.other_title}"[:200] if arrived.other_title else ""
        return Judgement(Reproduced.OTHER, f"Another error came in the replay's trace{title}", arrived.other)
    if is_early:
        return Judgement(Reproduced.PENDING, "")
    if arrived.reported and status is not None:
        of = f" ({arrived.release})" if arrived.release else ""
        far = f"; it answered {status}: it may not have come as far" if status in REFUSALS else ""
        return Judgement(Reproduced.NO, f"The target reported this request{of}, and no error with it{far}."[:300])
    if not is_over:
        return Judgement(Reproduced.PENDING, "")
    nothing = f"Nothing of the replay's trace came within {WAIT.seconds} s"
    if arrived.reported:
        return Judgement(Reproduced.UNKNOWN, "The target reported this request, and no answer came.")
    if was_unhandled and status is not None and 200 <= status < 400:
        return Judgement(
            Reproduced.NO, f"By its answer alone: {status}, where nobody had handled the error. {nothing}."
        )
    return Judgement(
        Reproduced.UNKNOWN,
        f"{nothing}: the target reports to another project or not at all, or does not go on with traces.",
    )


def arrived_of(session: DebugSession, replay: Replay) -> Arrived:
    """Return what has come of the replay's trace in the session's project. Read of a session with issue and context."""
    if not replay.trace_id:
        return Arrived()
    rows = Event.objects.filter(project=session.project_id, trace_id=replay.trace_id, is_simulated=False)
    events = list(rows.select_related("issue").order_by("timestamp", "pk")[:_MOST_EVENTS])
    families = _families(session)
    same = [event for event in events if event.issue_id in families]
    other = [event for event in events if event.issue_id not in families and event.severity not in _NO_ERRORS]
    part = _own_part(session.project_id, replay.trace_id)
    return Arrived(
        same=same[0].event_id if same else None,
        other=other[0].event_id if other else None,
        other_title=other[0].issue.title if other else "",
        reported=part is not None,
        release=part.release if part else "",
    )


def is_over(replay: Replay, *, now: datetime) -> bool:
    return replay.ended_at is not None and now - replay.ended_at >= WAIT


def is_early(replay: Replay, *, now: datetime) -> bool:
    return replay.ended_at is None or now - replay.ended_at < GRACE


def _families(session: DebugSession) -> Sequence[int]:
    """Return the ids of the issues that are the session's error, merged ones too."""
    return [] if (issue := _issue_of(session)) is None else list(family_ids(issue))


def _issue_of(session: DebugSession) -> Issue | None:
    """A captured error may have got its issue since: from the very event that the replay brought."""
    if session.event is not None:
        return root_of(session.event.issue)
    if session.context is not None:
        return issue_of_hashes(session.project_id, session.context.hashes)
    return session.issue


def _own_part(project_id: int, trace_id: str) -> KeptTransaction | None:
    """Return what the target itself reported: the part under the replay's own span, or any, where SDKs skip spans."""
    rows = KeptTransaction.objects.filter(project=project_id, trace_id=trace_id).order_by("started_at", "pk")
    return rows.filter(parent_span_id=span_id_of(trace_id)).first()
