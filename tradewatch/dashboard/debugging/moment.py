"""The panel "At that moment": a line for each part of what was stored beside the error, or why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from debugging.contexts.parts import Part
from tradewatch.dashboard import words


@dataclass(frozen=True, slots=True)
class Line:
    """`why` stands in place of `text` where nothing was stored."""

    name: str
    text: str = ""
    link: str = ""
    why: str = ""


def lines_of(parts: list[Part]) -> list[Line]:
    return [_line(part) for part in parts if part.key in _WORDS]


def _line(part: Part) -> Line:
    name, say = _WORDS[part.key]
    if not part.values:
        return Line(name, why=part.why)
    return Line(name, say(part.values), part.link)


def _release(values: Mapping[str, Any]) -> str:
    age = values.get("age_seconds")
    return str(values["version"]) + (f", {words.span(timedelta(seconds=age))} old" if age is not None else "")


def _deployment(values: Mapping[str, Any]) -> str:
    return f"{values['version'] or 'without a version'} by {values['deployed_by']}"


def _host(values: Mapping[str, Any]) -> str:
    figures = {each["name"]: each["value"] for each in values["figures"] if not each["attributes"]}
    said = [f"{label} {words.percent(figures[key])}" for key, label in _HOST_FIGURES if key in figures]
    return ", ".join([values["host"], *said])


def _trace(values: Mapping[str, Any]) -> str:
    services = ", ".join(values["services"][:3])
    return f"{words.plural(values['spans'], 'span')} in {services}, {words.seconds(values['seconds'])}"


def _logs(values: Mapping[str, Any]) -> str:
    return words.plural(len(values["lines"]), "line") + (" and more" if values["has_more"] else "")


def _alerts(values: Mapping[str, Any]) -> str:
    first, *rest = values["alerts"]
    return str(first["title"]) + (f" and {len(rest)} more" if rest else "")


_HOST_FIGURES = (("cpu", "CPU"), ("memory", "memory"))
_WORDS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "release": ("Release", _release),
    "deployment": ("Deployment", _deployment),
    "host": ("Host", _host),
    "trace": ("Trace", _trace),
    "logs": ("Logs", _logs),
    "alerts": ("Alerts", _alerts),
}
