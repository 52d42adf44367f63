"""Storing raw transactions within the budget of their hour, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.errors.models import Event
from tradewatch.performance.models import KeptTransaction
from tradewatch.performance.traces.choices import KeptFor
from tradewatch.performance.traces.choosing import Candidate, Cutoffs, admits, choose, reason
from tradewatch.performance.traces.documents import Document, pack_cutoffs, unpack_cutoffs
from tradewatch.performance.traces.reading import Unit

ROOM = 0.9  # a full hour is cut down to this share of its budget, so that not every batch has to choose anew
_TELLING = (KeptFor.ERROR, KeptFor.FAILED)  # a trace with such a part is worth its other parts
_IDS_A_QUERY = 500

_HOURS = ("performance_tracehour", ("project_id", "hour"), ("seen", "kept", "cutoffs"))
_COLUMNS = (
    *("project_id", "identity", "form", "event_id", "trace_id", "span_id", "parent_span_id", "name", "op"),
    *("environment", '"release"', "started_at", "seconds", "status", "is_failed", "has_error", "is_linked", "is_new"),
    *("weight", "span_count", "kept_for", "hour", "draw"),  # "release" is a word of SQL
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A unit that was not here before, and its document.

    `counted_name` is its name in the figures, `<other>` past the bound; `is_new`: the first of that name or release.
    """

    unit: Unit
    document: Document
    counted_name: str
    is_new: bool = False


def keep(arrived: Sequence[Arrived]) -> None:
    """Store those that are telling enough, dropping others for them. All count as seen: give each once."""
    by_hour: defaultdict[tuple[int, int], list[Arrived]] = defaultdict(list)
    for each in arrived:
        by_hour[each.unit.project_id, int(each.unit.at_epoch) // 3600].append(each)
    known = bulk.read_locked(*_HOURS, list(by_hour), blank=(0, 0, b""))
    facts = _facts_of([each.unit for each in arrived])
    rows = []
    for hour in sorted(by_hour):
        seen, kept, packed = known[hour]
        kept, cutoffs = _keep_in_hour(hour, by_hour[hour], facts, kept, unpack_cutoffs(bytes(packed)))
        rows.append((*hour, seen + len(by_hour[hour]), kept, pack_cutoffs(cutoffs)))
    bulk.write_locked(*_HOURS, rows)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Of traces: which have an error event, and which a telling part (here: one that is kept, or comes with it)."""

    with_error: frozenset[str]
    telling: frozenset[str]


def _facts_of(units: Sequence[Unit]) -> _Facts:
    ids = {unit.trace_id for unit in units} - {""}
    with_error = frozenset(_found(Event.objects.filter(is_simulated=False), ids))
    kept = _found(KeptTransaction.objects.filter(kept_for__in=_TELLING), ids)
    return _Facts(with_error, frozenset([*kept, *(unit.trace_id for unit in units if unit.is_failed)]))


def _found(rows: Any, trace_ids: Collection[str]) -> Iterable[str]:
    ids = sorted(trace_ids)
    for start in range(0, len(ids), _IDS_A_QUERY):
        part = ids[start : start + _IDS_A_QUERY]
        # The second condition is that of the partial index.
        yield from rows.filter(trace_id__in=part).exclude(trace_id="").values_list("trace_id", flat=True)


def _keep_in_hour(
    hour: tuple[int, int], arrived: Sequence[Arrived], facts: _Facts, kept: int, cutoffs: Cutoffs
) -> tuple[int, Cutoffs]:
    """Keep what is telling; return how many are kept in the hour by now, and what the next have to beat."""
    budget = settings.TRACES_AN_HOUR
    candidates = {each.unit.identity: _candidate(each, facts) for each in arrived}
    admitted = [each for each in arrived if admits(cutoffs, candidates[each.unit.identity])]
    if kept + len(admitted) <= budget:
        reasons = {each.unit.identity: reason(candidates[each.unit.identity]) for each in admitted}
        return kept + _insert(admitted, candidates, reasons), cutoffs
    before = _stored(hour)
    here = [*before.values(), *(candidates[each.unit.identity] for each in admitted)]
    choice = choose(here, budget=int(budget * ROOM))
    _drop(before.keys() - choice.kept.keys())
    _say_why({identity: why for identity, why in choice.kept.items() if identity in before})
    staying = [each for each in admitted if each.unit.identity in choice.kept]
    _insert(staying, candidates, choice.kept)
    return len(choice.kept), choice.cutoffs


def _candidate(arrived: Arrived, facts: _Facts) -> Candidate[UUID]:
    unit = arrived.unit
    return Candidate(
        key=unit.identity,
        name=arrived.counted_name,
        draw=unit.draw,
        seconds=unit.seconds,
        is_new=arrived.is_new,
        has_error=unit.trace_id in facts.with_error,
        is_failed=unit.is_failed,
        is_linked=unit.trace_id in facts.telling and not unit.is_failed,
    )


def _stored(hour: tuple[int, int]) -> dict[UUID, Candidate[UUID]]:
    project_id, number = hour
    rows = KeptTransaction.objects.filter(project=project_id, hour=number).values_list(
        "identity", "name", "draw", "seconds", "is_new", "has_error", "is_failed", "is_linked"
    )
    return {row[0]: Candidate(*row) for row in rows}


def _insert(
    arrived: Sequence[Arrived], candidates: Mapping[UUID, Candidate[UUID]], reasons: Mapping[UUID, KeptFor]
) -> int:
    rows = [_row(each, candidates[each.unit.identity], reasons[each.unit.identity]) for each in arrived]
    ids = bulk.insert_new_ids("performance_kepttransaction", _COLUMNS, ("identity",), rows)
    documents = {each.unit.identity: each.document for each in arrived}
    stored = [(pk, documents[identity].pack()) for (identity,), pk in ids.items()]
    bulk.insert_many("performance_kepttransactionpayload", ("transaction_id", "data"), stored)
    return len(ids)


def _row(arrived: Arrived, candidate: Candidate[UUID], why: KeptFor) -> tuple[object, ...]:
    unit = arrived.unit
    return (
        *(unit.project_id, unit.identity, unit.form.value, unit.event_id),
        *(unit.trace_id, unit.span_id, unit.parent_span_id, arrived.counted_name, unit.op, unit.environment),
        *(unit.release, datetime.fromtimestamp(unit.started_epoch, UTC), unit.seconds, unit.status, unit.is_failed),
        *(candidate.has_error, candidate.is_linked, arrived.is_new, unit.weight, unit.span_count, why.value),
        *(int(unit.at_epoch) // 3600, unit.draw),
    )


def _drop(identities: Iterable[UUID]) -> None:
    KeptTransaction.objects.filter(identity__in=list(identities)).delete()


def _say_why(reasons: Mapping[UUID, KeptFor]) -> None:
    """Write anew what rows are kept for: one that was drawn by lot may stay because it is slow."""
    by_reason: defaultdict[KeptFor, list[UUID]] = defaultdict(list)
    for identity, why in reasons.items():
        by_reason[why].append(identity)
    for why, identities in by_reason.items():
        KeptTransaction.objects.filter(identity__in=identities).exclude(kept_for=why).update(kept_for=why)
