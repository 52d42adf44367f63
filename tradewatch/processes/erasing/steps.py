"""One step of a walk: a few rows of a table are looked at without a lock; those that speak of the person are read again
under one, and written without the person. Nothing waits longer than for those few rows."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F

from tradewatch.processes.erasing import attachments, lines, outside, theirs, users
from tradewatch.processes.erasing.columns import INBOX, MAILS, USERS, Walk
from tradewatch.processes.erasing.declared import KEPT, Form
from tradewatch.processes.erasing.forms import Unreadable, plain_bytes, rewritten
from tradewatch.processes.erasing.job import Job, place
from tradewatch.processes.erasing.person import ERASED
from tradewatch.processes.erasing.rewriting import Rewriting

# Columns that a row is read with beside the searched ones.
BESIDE = {
    "inbox.QueuedEnvelope": ("encoding",),
    "inbox.DeadLetter": ("encoding",),
    "inbox.KeptItem": ("item_type", "event_id"),
    "errors.EventPayload": ("event__event_id",),
    "performance.LogBlock": lines.COLUMNS,
    "errors.TagCount": ("key",),
}
# Counts of a row that becomes the same as another one go to that one.
ADDED = {"errors.TagCount": ("count",), "metrics.Counter": ("count", "weighted")}
OWN_STEPS = {
    "inbox.AttachmentChunk": attachments.step,
    USERS: users.step,
    INBOX: outside.inbox_step,
    MAILS: outside.mails_step,
}


@dataclass
class Row:
    """A row on its way. `changes` {column: new value}."""

    values: dict[str, Any]
    project_id: int | None
    rewriting: Rewriting
    changes: dict[str, Any] = field(default_factory=dict)
    kept_hits: int = 0


def step(walk: Walk, job: Job, after: Any) -> Any:
    """Look at the next rows after the key `after` (None: from the start). Return the last key; None: that was all."""
    if walk.label in OWN_STEPS:
        return OWN_STEPS[walk.label](walk, job, after)
    rows = _read(walk, job, after)
    seen = [row["pk"] for row in rows if _is_worth(walk, job, row)]
    job.found.looked_at += len(rows)
    if seen and job.writes:
        with transaction.atomic():
            _erase(walk, job, seen)
            job.note()
    elif seen:
        for row in rows:
            if row["pk"] in set(seen):
                found = _look(walk, job, row)
                _note(walk, job, found)
                if found.rewriting.users:
                    theirs.forget_companions(walk.label, row, found.project_id, job)
    return rows[-1]["pk"] if len(rows) == walk.rows_a_step else None


def _read(walk: Walk, job: Job, after: Any) -> list[dict[str, Any]]:
    rows = walk.rows(job.project_id)
    return list((rows if after is None else rows.filter(pk__gt=after)).values(*_columns(walk))[: walk.rows_a_step])


def _columns(walk: Walk) -> list[str]:
    return list(dict.fromkeys(["pk", *walk.fields, *BESIDE.get(walk.label, ()), *walk.project_paths]))


def _is_worth(walk: Walk, job: Job, row: dict[str, Any]) -> bool:
    if (walk.label, row["pk"]) in job.gone:
        return False
    if theirs.is_recording_of(walk.label, row, job) or theirs.is_recording_in_doubt(walk.label, row, job):
        return True
    for name, form in walk.fields.items():
        if row[name] in (None, "", b"", {}, []):
            continue
        try:
            data = lines.plain_bytes(row) if form is Form.LINES else plain_bytes(form, row[name], row)
        except Unreadable:
            job.found.unreadable[place(walk.label, _project(walk, row))] += 1
            continue
        if job.seeks.may_be_in(data):
            return True
    return False


def _project(walk: Walk, row: dict[str, Any]) -> int | None:
    return next((row[path] for path in walk.project_paths if row[path] is not None), None)


def _look(walk: Walk, job: Job, values: dict[str, Any]) -> Row:
    """Return the row with what is to change of it."""
    row = Row(values, _project(walk, values), Rewriting(job.person, job.candidates, job.common))
    for name, form in walk.fields.items():
        if values[name] is None:
            continue
        if form in KEPT:
            row.kept_hits += _hits(form, values[name], job)
            continue
        before = row.rewriting.hits
        try:
            new = _new_value(form, name, row)
        except Unreadable:
            continue
        if row.rewriting.hits > before:
            row.changes |= new
    return row


def _new_value(form: Form, name: str, row: Row) -> dict[str, Any]:
    if form is Form.LINES:
        return lines.rewritten(row.values, row.rewriting)
    new = rewritten(form, row.values[name], row.values, row.rewriting, name)
    # The address is the client's, who may be the person: as in the inbox file (`queue_sqlite.replace_body`).
    return {name: new, "encoding": "identity", "address": ""} if form is Form.ENVELOPE else {name: new}


def _hits(form: Form, value: Any, job: Job) -> int:
    rewriting = Rewriting(job.person)
    text = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else value
    rewriting.value(text, "name")
    return int(rewriting.hits > 0)


def _note(walk: Walk, job: Job, row: Row) -> None:
    """Count what a row came to."""
    where, found, rewriting = place(walk.label, row.project_id), job.found, row.rewriting
    job.shared |= rewriting.shared
    if row.kept_hits:
        found.kept[where] += 1
    if theirs.is_recording_in_doubt(walk.label, row.values, job):
        found.in_doubt[where] += 1
    if theirs.goes_whole(walk.label, row.values, job):
        found.deleted[where] += 1
    elif row.changes:
        found.changed[where] += 1
    elif not row.kept_hits and _is_in_longer_word(walk, row, job):
        found.longer[where] += 1
    if rewriting.users:
        if job.learns:
            job.candidates |= rewriting.learned
            job.common |= rewriting.not_learned
        users.remember(job, rewriting.users)


def _is_in_longer_word(walk: Walk, row: Row, job: Job) -> bool:
    """Tell whether the row holds what the person is called, though not as a whole word: it stays, and is told."""
    for name, form in walk.fields.items():
        if row.values[name] in (None, "", b"", {}, []):
            continue
        with contextlib.suppress(Unreadable):
            data = (
                lines.plain_bytes(row.values) if form is Form.LINES else plain_bytes(form, row.values[name], row.values)
            )
            if job.person.distinctive.may_be_in(data):
                return True
    return False


def _erase(walk: Walk, job: Job, keys: Sequence[Any]) -> None:
    rows = walk.model._base_manager.filter(pk__in=keys)
    locked = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    for values in rows.filter(pk__in=locked).order_by("pk").values(*_columns(walk)):
        row = _look(walk, job, values)
        _note(walk, job, row)
        if row.rewriting.users:
            theirs.forget_companions(walk.label, row.values, row.project_id, job)
        if theirs.goes_whole(walk.label, row.values, job):
            walk.model._base_manager.get(pk=values["pk"]).delete()
        elif row.changes:
            _write(walk, row)


def _write(walk: Walk, row: Row) -> None:
    changes = {name: _fitting(walk.model, name, value) for name, value in row.changes.items()}
    rows = walk.model._base_manager.filter(pk=row.values["pk"])
    try:
        with transaction.atomic():
            rows.update(**changes)
    except IntegrityError:
        if not _add_to_twin(walk, row, changes):
            rows.update(**{name: _numbered(walk.model, name, value, row) for name, value in changes.items()})


def _fitting(model: type[models.Model], name: str, value: Any) -> Any:
    longest = getattr(model._meta.get_field(name), "max_length", None)
    return value[:longest] if longest and isinstance(value, str) else value


def _numbered(model: type[models.Model], name: str, value: Any, row: Row) -> Any:
    """Return the value with the row's number in it: another row has been given the same one already."""
    if not isinstance(value, str):
        return value
    return _fitting(model, name, value.replace(ERASED, f"{ERASED[:-1]} {row.values['pk']}]"))


def _add_to_twin(walk: Walk, row: Row, changes: dict[str, Any]) -> bool:
    counts = ADDED.get(walk.label)
    if counts is None:
        return False
    manager = walk.model._base_manager
    own = manager.get(pk=row.values["pk"])
    unique = next(each for each in walk.model._meta.constraints if isinstance(each, models.UniqueConstraint))
    twin = {name: changes.get(name, getattr(own, name)) for name in unique.fields}
    added: dict[str, Any] = {name: F(name) + getattr(own, name) for name in counts}
    if not manager.filter(**twin).update(**added):
        return False
    own.delete()
    return True
