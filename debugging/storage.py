"""What debugging takes of the database: rows and bytes of each kind, of some projects or of all.

Bytes are those of the documents as stored (compressed where they are); the narrow columns beside them are not counted.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from django.core.cache import cache
from django.db.models import Count, F, Model, Sum, TextField
from django.db.models.functions import Cast, Coalesce, Length

from debugging.models import (
    BrowserReplay,
    DebugSession,
    ErrorContext,
    Pattern,
    Replay,
    SessionSnapshot,
    SessionStep,
    Simulation,
)

LONG_SECONDS, KEPT_SECONDS = 0.5, 600


@dataclass(frozen=True, slots=True)
class Stored:
    """`words` name one of the kind on pages: "captured error"."""

    name: str
    words: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """`project` leads from `model` to the project; `texts` and `blobs` are the columns that are counted."""

    words: str
    model: type[Model]
    project: str
    blobs: Sequence[str] = ()
    texts: Sequence[str] = ()
    sums: Sequence[str] = ()  # columns that hold how many bytes


_KINDS = {
    "sessions": _Kind("session", DebugSession, "project", texts=("conclusion",)),
    "snapshots": _Kind("snapshot", SessionSnapshot, "session__project", blobs=("data",)),
    "steps": _Kind("step", SessionStep, "session__project", texts=("evidence", "summary", "note")),
    "contexts": _Kind("captured error", ErrorContext, "project", blobs=("data",)),
    "replays": _Kind("replay", Replay, "session__project", texts=("request", "response", "diff", "asked")),
    "recordings": _Kind("browser recording", BrowserReplay, "project", sums=("stored_bytes",)),
    "simulations": _Kind("simulation", Simulation, "session__project", texts=("changes", "result")),
    "patterns": _Kind("pattern", Pattern, "project", texts=("evidence", "summary")),
}


def storage_of(project_ids: Collection[int] | None = None) -> list[Stored]:
    """Return each kind, also where there is nothing of it. None: of all projects.

    It reads every document's length: figures that took long are kept for a while.
    """
    asked = "all" if project_ids is None else ",".join(map(str, sorted(project_ids)))
    key = f"debugging-storage:{sha256(asked.encode()).hexdigest()}"
    kept: list[Stored] | None = cache.get(key)
    if kept is not None:
        return kept
    started = time.monotonic()
    found = [_stored(name, kind, project_ids) for name, kind in _KINDS.items()]
    if time.monotonic() - started > LONG_SECONDS:
        cache.set(key, found, KEPT_SECONDS)
    return found


def storage_status() -> dict[str, object]:
    """Return {"storage": {kind: {"rows", "bytes"}}, "bytes"} of the whole installation, for the status."""
    found = storage_of()
    kinds = {each.name: {name: asdict(each)[name] for name in ("rows", "bytes")} for each in found}
    return {"storage": kinds, "bytes": sum(each.bytes for each in found)}


def _stored(name: str, kind: _Kind, project_ids: Collection[int] | None) -> Stored:
    rows = kind.model._default_manager.order_by()
    if project_ids is not None:
        rows = rows.filter(**{f"{kind.project}__in": list(project_ids)})
    lengths = [Length(column) for column in kind.blobs]
    lengths += [Length(Cast(F(column), TextField())) for column in kind.texts]
    totals = [Coalesce(Sum(length), 0) for length in [*lengths, *kind.sums]]
    found = rows.aggregate(rows=Count("pk"), **{f"part{place}": total for place, total in enumerate(totals)})
    return Stored(name, kind.words, found.pop("rows"), sum(found.values()))
