"""Secrets at rest under a new key: every encrypted column of every model, row by row, while everything runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Cast

from tradewatch.core.encryption import EncryptedTextField, Undecipherable, decrypt, is_current

ROWS_A_STEP = 200


@dataclass(frozen=True, slots=True)
class Column:
    model: type[models.Model]
    field: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


@dataclass(slots=True)
class Tally:
    """Rows of a column. `unreadable` were encrypted under a key that is not named any more: they stay as they are."""

    current: int = 0
    renewed: int = 0
    unreadable: int = 0


def encrypted_columns() -> list[Column]:
    found = [(model, field) for model in apps.get_models() for field in model._meta.local_fields]
    return [Column(model, field.name) for model, field in found if isinstance(field, EncryptedTextField)]


def reencrypt(column: Column) -> Tally:
    """Encrypt under SECRET_KEY what is under one of its fallbacks. What somebody changes meanwhile is theirs."""
    tally = Tally()
    for pk, token in _tokens(column):
        if is_current(token):
            tally.current += 1
            continue
        try:
            text = decrypt(token)
        except Undecipherable:
            tally.unreadable += 1
            continue
        tally.renewed += _stored(column).filter(pk=pk, token=token).update(**{column.field: text})
    return tally


def _tokens(column: Column) -> Iterator[tuple[Any, str]]:
    """Yield (key, what the database holds) of each row that holds something."""
    last: Any = None
    while True:
        rows = _stored(column).exclude(token="").exclude(token=None).order_by("pk")
        step = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", "token")[:ROWS_A_STEP])
        yield from step
        if len(step) < ROWS_A_STEP:
            return
        last = step[-1][0]


def _stored(column: Column) -> models.QuerySet[Any, Any]:
    """Return the rows with `token`: the column's text as it is stored, past the field that deciphers it."""
    return column.model._base_manager.annotate(token=Cast(column.field, models.TextField()))
