"""The models as an erasure walks them: which columns, in which order, and how a row leads to its project."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model, Q, QuerySet

from tradewatch.core.encryption import EncryptedTextField
from tradewatch.processes.erasing.declared import DECLARED, KEPT, Fields, Form
from tradewatch.projects.models import Project

_KINDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.GenericIPAddressField,
    models.FileField,
)
_WIDE = frozenset({Form.ENVELOPE, Form.PARCEL, Form.LINES})
_LONGEST_PATH = 4
INBOX, MAILS, USERS = "inbox file", "mail files", "errors.IssueUser"
OUTSIDE_FIRST, OUTSIDE_LAST = (INBOX,), (MAILS,)
HAVE_NO_WORDS = frozenset({INBOX, MAILS, USERS})


@dataclass(frozen=True, slots=True)
class Walk:
    """A model with its columns to look into, {name: form}. `project_paths` lead to a project's id; none: to none.

    A row has one of several paths: an entry of a timeline is an alert's or a group's.
    """

    label: str
    model: type[Model]
    fields: Fields
    project_paths: tuple[str, ...]

    @property
    def rows_a_step(self) -> int:
        forms = set(self.fields.values())
        if Form.BYTES in forms:
            return 8  # of a MiB each
        return 50 if forms & _WIDE else 250

    def rows(self, project_id: int | None) -> "QuerySet[Any, Any]":
        found = self.model._base_manager.order_by("pk")
        if project_id is None:
            return found
        return found.filter(reduce(or_, (Q(**{path: project_id}) for path in self.project_paths)))


def columns_to_declare(model: type[Model]) -> list[str]:
    """Return the columns that could hold a word of anybody."""
    return [
        field.name
        for field in model._meta.local_fields
        if not field.choices and (isinstance(field, (*_KINDS, EncryptedTextField)))
    ]


def walks(project_id: int | None) -> list[Walk]:
    """Return what is walked, in the order of `DECLARED`. With a project: what leads to one."""
    return [walk for walk in _all_walks() if project_id is None or walk.project_paths]


@cache
def _all_walks() -> tuple[Walk, ...]:
    return tuple(_walks())


def _walks() -> Iterator[Walk]:
    for label in (*OUTSIDE_FIRST, *DECLARED, *OUTSIDE_LAST):
        model = apps.get_model(label) if label in DECLARED else None
        fields = {name: form for name, form in DECLARED.get(label, {}).items() if form is not Form.NOTHING}
        paths = ("project_id",) if model is None else project_paths(model)
        if fields or label in HAVE_NO_WORDS:
            yield Walk(label, model or Project, fields, paths)


def kept_fields(walk: Walk) -> list[str]:
    return [name for name, form in walk.fields.items() if form in KEPT]


def project_paths(model: type[Model], left: int = _LONGEST_PATH) -> tuple[str, ...]:
    """Return the shortest ways to a project's id, all that are equally short; empty where none leads there."""
    if model is Project:
        return ("pk",)
    names = {
        field.attname if isinstance(field, models.ForeignKey) else field.name for field in model._meta.concrete_fields
    }
    if "project_id" in names:
        return ("project_id",)
    if not left:
        return ()
    found = [
        f"{field.name}__{path}"
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        for path in project_paths(field.related_model, left - 1)
    ]
    least = min((path.count("__") for path in found), default=0)
    return tuple(path for path in found if path.count("__") == least)
