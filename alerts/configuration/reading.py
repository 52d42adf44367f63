"""Brings a document in: every fault with its place, nothing changed unless all of it is right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, ProtectedError

from alerts.channels import CHANNELS
from alerts.configuration.shapes import NAMES, ROUTE, SECTIONS, Shape, is_reference
from alerts.configuration.writing import VERSION, rows_of, write_row
from alerts.heartbeats.services import check as check_heartbeat
from alerts.heartbeats.services import plan_again
from alerts.measures.faults import faults_of
from alerts.models import AlertRule, Heartbeat, NotificationChannel, Route
from alerts.services.channels import check_channel
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Scope

MOST_BYTES = 2_000_000


@dataclass
class Outcome:
    """What an import does, or would do. `notes`: what a person has to see to afterwards."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _Undo(Exception):
    """Ends the transaction of a check, or of a document with faults."""


def import_yaml(actor: Actor, text: str, *, applies: bool, removes: bool = False, now: datetime) -> Outcome:
    """Bring a document in, or with `applies` False only say what it would do.

    Rows are known by their keys. With `removes`, what the file's sections do not name goes; what hangs on a named row
    (steps, rotations, routes) is always as the file says. With any fault nothing changes. Raises `NotAllowed`.
    """
    access.require_everywhere(actor, scope=Scope.ADMIN)
    outcome = Outcome()
    sections = _sections(text, outcome)
    try:
        with transaction.atomic():
            for name, rows in sections:
                _Section(name, SECTIONS[name], outcome, now).bring_in(rows, removes=removes)
            if outcome.faults or not applies:
                raise _Undo
            changes = {kind: [len(getattr(outcome, kind))] for kind in ("created", "changed", "removed")}
            audit.record(actor, "alerting.import", Route.objects.get(parent=None), changes=changes)
    except _Undo:
        pass
    return outcome


def _sections(text: str, outcome: Outcome) -> list[tuple[str, Sequence[Any]]]:
    """Return the document's sections in the order of `SECTIONS`; what is no configuration at all is a fault."""
    if len(text.encode()) > MOST_BYTES:
        outcome.faults.append(f"too large: at most {MOST_BYTES:,} bytes")
        return []
    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        outcome.faults.append(f"{place}not YAML: {getattr(error, 'problem', None) or 'cannot be read'}")
        return []
    if not isinstance(read, dict) or read.get("version") != VERSION:
        outcome.faults.append(f"expected a mapping with `version: {VERSION}`")
        return []
    for name, rows in read.items():
        if name != "version" and name not in SECTIONS:
            outcome.faults.append(f"{name}: no section of that name; expected one of {', '.join(SECTIONS)}")
        elif name != "version" and not isinstance(rows, list):
            outcome.faults.append(f"{name}: expected a list")
    return [(name, read[name]) for name in SECTIONS if isinstance(read.get(name), list)]


@dataclass
class _Section:
    name: str
    shape: Shape
    outcome: Outcome
    now: datetime

    def bring_in(self, rows: Sequence[Any], *, removes: bool) -> None:
        if self.name == "routes":
            self._bring_in_routes(rows)
            return
        known = {self._key(self.shape, row): row for row in rows_of(self.shape)}
        named = self._rows(self.shape, rows, self.name, known, {}, top=True)
        if removes:
            self._remove([row for key, row in known.items() if key not in named])

    def _bring_in_routes(self, rows: Sequence[Any]) -> None:
        if len(rows) != 1:
            self.outcome.faults.append("routes: expected one route, the root; the others stand under its `routes`")
            return
        self._routes(rows, "routes", list(Route.objects.filter(parent=None)), None)

    def _routes(self, rows: Sequence[Any], path: str, known: list[Route], parent: Route | None) -> None:
        named = []
        # The root is known by being it: it may be called something else.
        by_name = {route.name: route for route in known}
        for at, written in enumerate(rows):
            place = f"{path}[{at}]"
            if not isinstance(written, dict):
                self._fault(place, "expected a mapping")
                continue
            below = written.get("routes", [])
            own = {name: value for name, value in written.items() if name != "routes"}
            found = (known[0] if known else None) if parent is None else by_name.get(str(written.get("name")))
            route = self._row(ROUTE, own, place, found, {"parent": parent}, top=True)
            if isinstance(route, Route):
                named.append(route.pk)
                children = list(route.children.all()) if found is not None else []
                self._routes(below if isinstance(below, list) else [], f"{place}.routes", children, route)
        self._remove([route for route in known if route.pk not in named])

    def _rows(
        self,
        shape: Shape,
        rows: Sequence[Any],
        path: str,
        known: dict[tuple[Any, ...], Model],
        fixed: dict[str, Any],
        *,
        top: bool = False,
    ) -> set[tuple[Any, ...]]:
        named: set[tuple[Any, ...]] = set()
        for at, written in enumerate(rows):
            place = f"{path}[{at}]"
            if not isinstance(written, dict):
                self._fault(place, "expected a mapping")
                continue
            key = tuple(written.get(name, shape.default_of(name)) for name in shape.key)
            if key in named:
                self._fault(place, f"the same {' and '.join(shape.key)} as one before it")
                continue
            named.add(key)
            self._row(shape, written, place, known.get(key), fixed, top=top)
        return named

    def _row(
        self,
        shape: Shape,
        written: dict[str, Any],
        place: str,
        found: Model | None,
        fixed: dict[str, Any],
        *,
        top: bool,
    ) -> Model | None:
        """Make the row what the file says, with the rows that hang on it. None: it has faults."""
        lists = {name: below for name, below, _ in shape.lists}
        extra = {"settings"} if shape.model is NotificationChannel else set()
        faults = len(self.outcome.faults)
        for name in written.keys() - set(shape.fields) - lists.keys() - extra:
            self._fault(f"{place}.{name}", f"no such field; expected {', '.join((*shape.fields, *lists, *extra))}")
        before = write_row(shape, found) if found is not None else None
        row = found or shape.model()
        many = self._set(shape, row, written, place, fixed)
        if len(self.outcome.faults) > faults or not self._is_sound(shape, row, written, place):
            return None
        self._save(row, many)
        for name, below, own in shape.lists:
            children = {self._key(below, child): child for child in below.model._default_manager.filter(**{own: row})}
            wanted = written.get(name, [])
            if not isinstance(wanted, list):
                self._fault(f"{place}.{name}", "expected a list")
                continue
            named = self._rows(below, wanted, f"{place}.{name}", children, {own: row})
            for key, child in children.items():
                if key not in named:
                    child.delete()
        if top:
            self._tell(shape, row, before)
        return row

    def _set(
        self, shape: Shape, row: Model, written: dict[str, Any], place: str, fixed: dict[str, Any]
    ) -> dict[str, list[Model]]:
        """Put the file's values on the row, defaults where it is silent; return what goes into its m2m fields."""
        many: dict[str, list[Model]] = {}
        for name in shape.fields:
            value, column = written.get(name, shape.default_of(name)), shape.field(name)
            if column.many_to_many:
                related: Any = column.related_model
                many[name] = [
                    each
                    for one in self._listed(value, f"{place}.{name}")
                    if (each := self._find(related, one, f"{place}.{name}"))
                ]
            elif is_reference(column):
                related = column.related_model
                setattr(row, name, None if value is None else self._find(related, value, f"{place}.{name}"))
            else:
                setattr(row, name, value)
        for name, value in fixed.items():
            setattr(row, name, value)
        if isinstance(row, NotificationChannel):
            self._set_settings(row, written.get("settings", {}), place)
        return many

    def _set_settings(self, channel: NotificationChannel, written: Any, place: str) -> None:
        """Take the open settings from the file and keep the stored secrets; without them the channel waits, off."""
        kind = CHANNELS.get(channel.kind)
        if not isinstance(written, dict) or kind is None:
            named = ("settings", "a mapping") if kind else ("kind", f"one of {', '.join(CHANNELS)}")
            self._fault(f"{place}.{named[0]}", f"expected {named[1]}")
            return
        kept = {name: value for name, value in channel.settings.items() if name in kind.secret_names}
        channel.settings = {**kept, **written}
        missing = [f.label for f in kind.fields if f.is_secret and f.is_required and not channel.settings.get(f.name)]
        if missing:
            channel.is_enabled = False
            self.outcome.notes.append(f"Channel {channel.name} is off until its {', '.join(missing)} is entered.")

    def _is_sound(self, shape: Shape, row: Model, written: dict[str, Any], place: str) -> bool:
        before = len(self.outcome.faults)
        try:
            row.full_clean(exclude=[f.name for f in row._meta.fields if f.name not in shape.fields and not f.editable])
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                self._fault(place if name == "__all__" else f"{place}.{name}", " ".join(texts))
        for check in (_rule_faults, _heartbeat_faults, self._channel_faults):
            if len(self.outcome.faults) == before:
                for name, text in check(row):
                    self._fault(f"{place}.{name}", text)
        return len(self.outcome.faults) == before

    def _channel_faults(self, row: Model) -> Iterator[tuple[str, str]]:
        if isinstance(row, NotificationChannel) and row.is_enabled:
            yield from _invalid(lambda: check_channel(row, now=self.now))

    def _save(self, row: Model, many: dict[str, list[Model]]) -> None:
        if isinstance(row, Heartbeat):
            plan_again(row, now=self.now)
        row.save()
        for name, others in many.items():
            getattr(row, name).set(others)

    def _tell(self, shape: Shape, row: Model, before: dict[str, Any] | None) -> None:
        label = f"{self.name}: {row}"
        if before is None:
            self.outcome.created.append(label)
        elif write_row(shape, shape.model._default_manager.get(pk=row.pk)) != before:
            self.outcome.changed.append(label)
        else:
            self.outcome.unchanged += 1

    def _remove(self, rows: Sequence[Model]) -> None:
        for row in rows:
            label = f"{self.name}: {row}"
            try:
                row.delete()
                self.outcome.removed.append(label)
            except ProtectedError as error:
                users = sorted(f"{user._meta.verbose_name} {user}" for user in error.protected_objects)
                self.outcome.faults.append(f"{label} is still used by {', '.join(users[:3])}")

    def _find(self, model: type[Model], name: Any, place: str) -> Model | None:
        found = model._default_manager.filter(**{NAMES[model]: name}).first() if isinstance(name, str) else None
        if found is None:
            self._fault(place, f"no {model._meta.verbose_name} called {name!r}")
        return found

    def _listed(self, value: Any, place: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self._fault(place, "expected a list")
        return []

    def _key(self, shape: Shape, row: Model) -> tuple[Any, ...]:
        written = write_row(shape, row)
        return tuple(written.get(name, shape.default_of(name)) for name in shape.key)

    def _fault(self, place: str, text: str) -> None:
        self.outcome.faults.append(f"{place}: {text}")


def _rule_faults(row: Model) -> Iterator[tuple[str, str]]:
    if isinstance(row, AlertRule):
        yield from faults_of(row).items()


def _heartbeat_faults(row: Model) -> Iterator[tuple[str, str]]:
    if isinstance(row, Heartbeat):
        yield from _invalid(lambda: check_heartbeat(row))


def _invalid(check: Callable[[], None]) -> Iterator[tuple[str, str]]:
    try:
        check()
    except Invalid as fault:
        for name, texts in fault.errors.items():
            yield name, " ".join(texts)
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            yield name, " ".join(texts)
