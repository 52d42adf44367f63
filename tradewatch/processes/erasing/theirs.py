"""What is about the person alone and goes whole: recordings of their screen, what they wrote, files of their events."""

import contextlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings

from debugging.choices import RefKind
from debugging.models import BrowserReplay
from tradewatch.errors.drafting import user_key
from tradewatch.errors.facts import identity_hash
from tradewatch.inbox.choices import WRITTEN_TYPES
from tradewatch.inbox.companions import companions_of
from tradewatch.processes.erasing.declared import Form
from tradewatch.processes.erasing.forms import Unreadable, plain_bytes
from tradewatch.processes.erasing.job import Job, place
from tradewatch.processes.erasing.users import NAMES

_RECORDING = "debugging.BrowserReplay"


def goes_whole(label: str, row: Mapping[str, Any], job: Job) -> bool:
    return is_recording_of(label, row, job) or is_written_by(label, row, job)


def is_recording_of(label: str, row: Mapping[str, Any], job: Job) -> bool:
    """Tell whether the row is a recording whose user has a name that is the person's."""
    return label == _RECORDING and job.person.is_called(_user_of(row))


def is_recording_in_doubt(label: str, row: Mapping[str, Any], job: Job) -> bool:
    """Tell whether the row is a recording whose user has a name that the person's records have too, and others may.

    A recording says one name of its user, the telling id often not: `Alex` may be any Alex.
    """
    return label == _RECORDING and not is_recording_of(label, row, job) and _is_known(_user_of(row), job)


def is_written_by(label: str, row: Mapping[str, Any], job: Job) -> bool:
    """Tell whether the row is something that the person wrote: a feedback, or the report to an error."""
    if label != "inbox.KeptItem" or row["item_type"] not in WRITTEN_TYPES:
        return False
    document = _document(row["payload"])
    written = [document, document.get("user"), ((document.get("contexts") or {}).get("feedback"))]
    names = [
        each.get(key)
        for each in written
        if isinstance(each, Mapping)
        for key in ("email", "contact_email", "name", "id")
    ]
    return any(job.person.is_called(name) for name in names)


def forget_companions(label: str, row: Mapping[str, Any], project_id: int | None, job: Job) -> None:
    """Delete what came with an event of the person: its files, their words on it, the recording of the screen. Where
    nothing is written, it is only left out from here on."""
    event_id = row.get("event__event_id")
    if label != "errors.EventPayload" or event_id is None or project_id is None:
        return
    files = companions_of(project_id, [event_id])
    recordings = BrowserReplay.objects.filter(project=project_id, refs__kind=RefKind.ERROR, refs__value=event_id)
    for what, rows in (("inbox.KeptItem", files), (_RECORDING, recordings)):
        keys = {key for key in rows.values_list("pk", flat=True) if (what, key) not in job.gone}
        if keys:
            job.found.deleted[place(what, project_id)] += len(keys)
            if job.writes:
                rows.model._base_manager.filter(pk__in=keys).delete()
            job.gone.update((what, key) for key in keys)


def _document(payload: Any) -> Mapping[str, Any]:
    """Return what was written; {} where nobody can read it."""
    with contextlib.suppress(Unreadable, orjson.JSONDecodeError):
        document = orjson.loads(plain_bytes(Form.PACKED, payload, {}) or b"{}")
        return document if isinstance(document, Mapping) else {}
    return {}


def _user_of(recording: Mapping[str, Any]) -> str:
    return str((recording["facts"] or {}).get("user") or "")


def _is_known(name: str, job: Job) -> bool:
    key = user_key(settings.SECRET_KEY)
    return any(identity_hash(each, name, key=key) in job.hashes for each in NAMES)
