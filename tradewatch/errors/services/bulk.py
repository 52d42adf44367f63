"""One change of many issues: each in a transaction of its own, a refusal of one does not stop the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from tradewatch.core.faults import Fault, Unknown
from tradewatch.errors.models import Activity, Issue


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """`refused` {issue id: why}. `undo` takes back all that was changed; None where nothing was."""

    changed: Sequence[int]
    unchanged: Sequence[int]
    refused: Mapping[int, str] = field(default_factory=dict)
    undo: UUID | None = None


def change_issues(
    visible: QuerySet[Issue], ids: Sequence[int], act: Callable[[Issue], object], *, undo_token: UUID
) -> BulkOutcome:
    """Do `act`, which uses `undo_token`, to each of `ids` among the `visible` issues, in the order of their ids.

    Raises `Unknown` when none is visible, and what all of them were refused for when nothing could be done.
    """
    found = visible.in_bulk(sorted(set(ids)))
    if not found:
        raise Unknown("no such issues", errors={"issues": ["are unknown, or not visible to you"]})
    faults: dict[int, Fault] = {}
    for issue_id, issue in sorted(found.items()):
        try:
            act(issue)
        except Fault as fault:
            faults[issue_id] = fault
    if len(faults) == len(found):
        raise next(iter(faults.values()))
    done = set(Activity.objects.filter(undo_token=undo_token).values_list("issue_id", flat=True))
    return BulkOutcome(
        changed=sorted(done),
        unchanged=sorted(set(found) - done - set(faults)),
        refused={
            **{issue_id: "no such issue" for issue_id in ids if issue_id not in found},
            **{issue_id: _words(fault) for issue_id, fault in faults.items()},
        },
        undo=undo_token if done else None,
    )


def _words(fault: Fault) -> str:
    return "; ".join([fault.detail, *(text for texts in fault.errors.values() for text in texts)])
