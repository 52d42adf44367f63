"""One row of every model that belongs to a project, whatever apps define it, each full of a word to look for.

All rows of a side have the same primary key, so that any route's `<int:...>` leads to one of them.
"""

import json
import uuid
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

import zstandard
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from sla.reports.asking import read_asked
from sla.reports.canonical import canonical
from sla.reports.document import build
from tests.projects.builders import make_user
from tradewatch.projects.creation import give_what_new_projects_get
from tradewatch.projects.models import Project

# What a row needs beyond the types of its columns: {model label: {field: value, or a function of the side}}, and
# {field name: value} for all models.
BY_MODEL: dict[str, dict[str, Any]] = {
    "errors.EventPayload": {
        "data": zstandard.compress(json.dumps({"exception": {"values": [{"type": "E", "value": "x"}]}}).encode())
    },
    "performance.KeptTransactionPayload": {"data": zstandard.compress(json.dumps({"spans": []}).encode())},
    "alerts.Notification": {"channel": "email"},  # a kind, which says nothing of a project
    "alerts.NotificationChannel": {"kind": "email"},
    "alerts.TimelineEntry": {"group": None, "alert": lambda side: side.row(apps.get_model("alerts.Alert")).pk},
    "sla.TargetVersion": {"excluded_times": "", "window": "rolling"},
    "sla.Report": {"document": lambda side: canonical(build(side.project, read_asked({}), timezone.now()))},
    "debugging.ErrorContext": {
        "data": zstandard.compress(json.dumps({"exception": {"values": [{"type": "E", "value": "x"}]}}).encode())
    },
    "debugging.DebugSession": {"context": None, "event": lambda side: side.row(apps.get_model("errors.Event")).pk},
    "debugging.Replay": {"asked": "{}", "request": {}, "response": None, "diff": None},
    "debugging.ReplayBatch": {"asked": "{}", "result": {}},
    "debugging.SessionSnapshot": {"data": zstandard.compress(b"[]")},
    "debugging.BrowserReplay": {"urls": {}, "facts": {}},
    "debugging.BrowserReplaySegment": {"counts": {}, "timeline": [], "data": zstandard.compress(b"[]")},
    "alerts.FeedLink": {"person": None, "schedule": lambda side: side.row(apps.get_model("alerts.Schedule")).pk},
}
BY_FIELD: dict[str, Any] = {"timezone": "UTC", "time_zone": "UTC", "zone": "UTC", "window": "1h", "is_enabled": True}


@dataclass
class Side:
    """One project and all that belongs to it. `word` is in every text of it, `number` is every row's key."""

    word: str
    number: int
    owner: User = field(init=False)
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)
    unmade: list[str] = field(default_factory=list)
    is_sparse: bool = True

    def __post_init__(self) -> None:
        self.owner = make_user(f"owner-{self.number}")
        self.project = self.row(Project)
        give_what_new_projects_get(self.project)

    @property
    def hex(self) -> str:
        return uuid.UUID(int=self.number).hex

    def fill(self) -> "Side":
        """Make every row. What a constraint refuses is in `unmade`: say in `BY_MODEL` what it needs."""
        for model in project_models():
            try:
                self.row(model)
            except IntegrityError as error:
                self.unmade.append(f"{model._meta.label}: {error}")
        return self

    def row(self, model: type[models.Model]) -> Any:
        if model is User:
            return self.owner
        if model not in self.rows:
            self.rows[model] = self._make(model)
        return self.rows[model]

    def _make(self, model: type[models.Model]) -> models.Model:
        try:
            with transaction.atomic():
                return self._insert(model)
        except IntegrityError:  # perhaps one of several empty columns has to be given
            self.is_sparse = False
            try:
                with transaction.atomic():
                    return self._insert(model)
            finally:
                self.is_sparse = True

    def _insert(self, model: type[models.Model]) -> models.Model:
        values = {
            each.attname if isinstance(each, models.ForeignKey) else each.name: self._value(model, each)
            for each in model._meta.concrete_fields
        }
        made = model(**{name: value for name, value in values.items() if value is not _LEFT})
        made.save_base(force_insert=True)  # past what a model does to itself when saved
        for many in model._meta.many_to_many:
            if many.related_model is Project:
                getattr(made, many.name).add(self.project)
        return made

    def _value(self, model: type[models.Model], column: Any) -> Any:
        known = BY_MODEL.get(model._meta.label, {})
        if column.name in known:
            value = known[column.name]
            return value(self) if callable(value) else value
        if isinstance(column, models.ForeignKey):
            return self._related(column)
        if column.name == "project_id":
            return self.project.pk
        if column.primary_key:
            return uuid.UUID(int=self.number) if isinstance(column, models.UUIDField) else self.number
        if column.name in BY_FIELD:
            return BY_FIELD[column.name]
        if column.choices or (column.has_default() and not isinstance(column, models.CharField | models.TextField)):
            return column.get_default() if column.has_default() else column.choices[0][0]
        return self._plain(column)

    def _related(self, column: Any) -> Any:
        target = column.related_model
        if column.null and target is not Project and (self.is_sparse or target not in (User, *self.rows)):
            return None
        return self.project.pk if target is Project and Project in self.rows else self.row(target).pk

    def _plain(self, column: Any) -> Any:
        now = timezone.now() + timedelta(hours=column.name.startswith("end"))
        if column.null and self.is_sparse and not isinstance(column, models.CharField | models.TextField):
            return None
        match column:
            case models.EmailField():
                return f"{self.word}@desk.example"
            case models.URLField():
                return f"https://{self.word}.example/"
            case models.GenericIPAddressField():
                return "203.0.113.9"
            case models.CharField() | models.TextField():
                return self.word[: column.max_length] if column.max_length else self.word
            case models.DateTimeField():
                return now
            case models.DateField():
                return now.date()
            case models.TimeField():
                return time(9)
            case models.DurationField():
                return timedelta(minutes=5)
            case models.UUIDField():
                return uuid.UUID(int=self.number)
            case models.BooleanField():
                return False
            case models.IntegerField() | models.FloatField() | models.DecimalField():
                return 1
            case models.JSONField():
                return {}
            case models.BinaryField():
                return b""
        return _LEFT


_LEFT = object()


def project_models() -> list[type[models.Model]]:
    """Return the models whose rows belong to a project, directly or over what they hang on."""
    return [model for model in apps.get_models() if model is not Project and _belongs(model, set())]


def _belongs(model: type[models.Model], seen: set[type[models.Model]]) -> bool:
    if model in seen or model is User or _is_of_the_installation(model):
        return False
    seen.add(model)
    if any(each.name == "project_id" for each in model._meta.concrete_fields):
        return True
    if any(many.related_model is Project for many in model._meta.many_to_many):
        return True
    targets = [each.related_model for each in model._meta.concrete_fields if isinstance(each, models.ForeignKey)]
    return any(target is Project or _belongs(target, seen) for target in targets if isinstance(target, type))


def _is_of_the_installation(model: type[models.Model]) -> bool:
    """Whether a model says itself that its rows belong to no project (`project_id = None`): all staff may read them."""
    return vars(model).get("project_id", model) is None


def dump() -> dict[str, dict[Any, dict[str, Any]]]:
    """Return every row of every table: {table: {key: values}}."""
    return {
        model._meta.label: {row["pk"]: row for row in model._default_manager.values("pk", *_columns(model))}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def _columns(model: type[models.Model]) -> list[str]:
    return [each.attname for each in model._meta.concrete_fields]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return (table, row before or None, row after or None) of each row that is not the same."""
    found = []
    for table, rows in after.items():
        for key in rows.keys() | before[table].keys():
            old, new = before[table].get(key), rows.get(key)
            if _plain_row(old) != _plain_row(new):
                found.append((table, old, new))
    return found


def _plain_row(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return row and {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
