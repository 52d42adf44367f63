"""The configuration as a document: values that differ from their default, in the order of the sections."""

from datetime import date, datetime, time
from typing import Any

import yaml
from django.db.models import Model, QuerySet

from alerts.channels import CHANNELS
from alerts.configuration.shapes import ROUTE, SECTIONS, Shape, is_reference, name_of_row
from alerts.models import NotificationChannel, Route
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Scope

VERSION = 1
HEADER = "# Alerting configuration of TradeWatch, without the secrets of channels: importing keeps those stored.\n"


def export_yaml(actor: Actor) -> str:
    """Return the whole configuration. Raises `NotAllowed` for anybody but an administrator."""
    access.require_everywhere(actor, scope=Scope.ADMIN)
    return HEADER + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)


def document() -> dict[str, Any]:
    sections = {name: _section(name, shape) for name, shape in SECTIONS.items()}
    return {"version": VERSION, **{name: rows for name, rows in sections.items() if rows}}


def rows_of(shape: Shape) -> "QuerySet[Any]":
    """Return the section's rows: channels without those that a person keeps for oneself."""
    rows = shape.model._default_manager.all()
    return rows.filter(owner=None) if shape.model is NotificationChannel else rows


def write_row(shape: Shape, row: Model) -> dict[str, Any]:
    """Return a row with the rows that hang on it."""
    written: dict[str, Any] = {}
    for name in shape.fields:
        value = _value(shape, row, name)
        if value != plain(shape.default_of(name)):
            written[name] = value
    if isinstance(row, NotificationChannel):
        written |= _open_settings(row)
    for name, below, field in shape.lists:
        children = below.model._default_manager.filter(**{field: row})
        if listed := [write_row(below, child) for child in _ordered(below, children)]:
            written[name] = listed
    return written


def plain(value: Any) -> Any:
    """Return a value as YAML has it: texts for moments, days and times of day."""
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _section(name: str, shape: Shape) -> list[dict[str, Any]]:
    if name == "routes":
        return [write_route(route) for route in Route.objects.filter(parent=None)]
    return [write_row(shape, row) for row in _ordered(shape, rows_of(shape))]


def write_route(route: Route) -> dict[str, Any]:
    """Return a route with the routes beneath it."""
    below = [write_route(child) for child in route.children.order_by("position", "id")]
    return {**write_row(ROUTE, route), **({"routes": below} if below else {})}


def _ordered(shape: Shape, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    return rows.order_by("position", "id") if "position" in shape.fields else rows.order_by(*shape.key, "id")


def _value(shape: Shape, row: Model, name: str) -> Any:
    field = shape.field(name)
    if field.many_to_many:
        return sorted(str(name_of_row(other)) for other in getattr(row, name).all())
    if is_reference(field):
        return name_of_row(getattr(row, name))
    return plain(getattr(row, name))


def _open_settings(channel: NotificationChannel) -> dict[str, Any]:
    """Return the settings that are no secret; of a kind that is not known, none."""
    kind = CHANNELS.get(channel.kind)
    names = {field.name for field in kind.fields if not field.is_secret} if kind else set()
    settings = {name: value for name, value in sorted(channel.settings.items()) if name in names}
    return {"settings": settings} if settings else {}
