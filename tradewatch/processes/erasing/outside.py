"""What lies beside the main database: the inbox where it is a file, and mails that were written to files."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from tradewatch.inbox import queue_sqlite
from tradewatch.processes.erasing.columns import Walk
from tradewatch.processes.erasing.declared import Form
from tradewatch.processes.erasing.forms import Unreadable, plain_bytes, rewritten
from tradewatch.processes.erasing.job import Job, place
from tradewatch.processes.erasing.rewriting import Rewriting

_ROWS, _BYTES = 100, 32 << 20
_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # as Django's backend of files writes them


def inbox_step(walk: Walk, job: Job, after: Any) -> Any:
    """Look at the next envelopes of the inbox file, also those that were digested and wait to be deleted."""
    if settings.IS_POSTGRES:  # a table among others
        return None
    rows = queue_sqlite.read_after(after or 0, limit=_ROWS, max_bytes=_BYTES)
    for row in rows:
        job.found.looked_at += 1
        if job.project_id not in (None, row.project_id):
            continue
        where, beside, rewriting = place(walk.label, row.project_id), {"encoding": row.encoding}, Rewriting(job.person)
        try:
            if not job.person.may_be_in(plain_bytes(Form.ENVELOPE, row.body, beside)):
                continue
            body = rewritten(Form.ENVELOPE, row.body, beside, rewriting, "body")
        except Unreadable:
            job.found.unreadable[where] += 1
            continue
        if rewriting.hits:
            job.found.changed[where] += 1
            if job.writes:
                queue_sqlite.replace_body(row.id, body)
                job.note()
    return rows[-1].id if rows else None


def mails_step(walk: Walk, job: Job, after: Any) -> None:
    """Delete the mails that name the person. They are of no project: with one, none is touched."""
    for path in _mail_files() if job.project_id is None else []:
        mails = path.read_bytes().split(_BETWEEN)
        job.found.looked_at += len(mails)
        left = [mail for mail in mails if not _names(mail, job)]
        if len(left) < len(mails):
            job.found.deleted[place(walk.label, None)] += len(mails) - len(left)
            if job.writes:
                _keep(path, left)
                job.note()


def _names(mail: bytes, job: Job) -> bool:
    rewriting = Rewriting(job.person)
    for text in _texts(mail):
        rewriting.text(text)
    return rewriting.hits > 0


def _keep(path: Path, mails: list[bytes]) -> None:
    if not any(mail.strip() for mail in mails):
        path.unlink()
        return
    draft = path.with_name(f".{path.name}.partial")
    draft.write_bytes(_BETWEEN.join(mails))
    draft.replace(path)


def _mail_files() -> list[Path]:
    folder = Path(settings.EMAIL_FILE_PATH)
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _texts(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8", "replace")
    message = email.message_from_bytes(data, policy=email.policy.default)
    yield from (str(value) for value in message.values())
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content.decode("utf-8", "replace")
