"""Django's objects as rows of plain values."""

from collections.abc import Sequence
from operator import attrgetter

from django.db.models import Model

from tradewatch.core.bulk.rows import Row


def as_rows(objects: Sequence[Model]) -> tuple[str, list[str], list[Row]]:
    """Return (table, columns, rows) of unsaved objects of one model. The key is left to the database."""
    about = objects[0]._meta
    fields = [field for field in about.concrete_fields if not field.primary_key]
    values = attrgetter(*(field.attname for field in fields))
    return about.db_table, [str(field.column) for field in fields], [values(each) for each in objects]


def as_updates(objects: Sequence[Model], names: Sequence[str]) -> tuple[str, str, list[str], list[Row]]:
    """Return (table, key column, columns, rows) of saved objects of one model; the key is a row's last value."""
    about = objects[0]._meta
    fields = [about.get_field(name) for name in names]
    values = attrgetter(*(field.attname for field in fields), "pk")  # type: ignore[union-attr]  # concrete ones
    columns = [str(field.column) for field in fields]  # type: ignore[union-attr]
    return about.db_table, str(about.pk.column), columns, [values(each) for each in objects]
