"""Lines as the page shows them: one row each, that opens to all it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewatch.dashboard.logs.asked import Asked, logs_link, with_term
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Event
from tradewatch.performance.logs.lines import Scalar
from tradewatch.performance.logs.search.wanted import LOGGER, RELEASE
from tradewatch.performance.logs.traces import TraceLine

MARKS = {"trace": "debug", "debug": "debug", "info": "info", "warn": "warning", "error": "error", "fatal": "critical"}
LONGEST_SHOWN = 400  # characters of the closed row
LONGEST_VALUE = 1_000
LONGEST_SOUGHT = 200  # of a value that a link may put into a query
# What is told by the row itself, or of no use to a reader.
_ADDED = ("sentry.", "code.", "process.", "thread.", "server.", "os.", "device.", "browser.")
_ELSEWHERE = frozenset({LOGGER, RELEASE, "sentry.environment", "sentry.sdk.name", "sentry.sdk.version"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """`find` leads to the lines with the same value; empty where it cannot."""

    name: str
    value: str
    find: str


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is the line's place: the same however often the page is made."""

    key: str
    at: datetime
    clock: str
    level: str
    mark: str
    head: str
    body: str
    logger: str
    release: str
    environment: str
    project: str
    trace_id: str
    span_id: str
    of_trace: str
    issue: str
    attributes: tuple[Attribute, ...]


def make_rows(lines: Sequence[TraceLine], scope: Scope, asked: Asked) -> list[Row]:
    """Return rows whose links keep the scope. `asked`: what their values are added to when they are looked for."""
    slugs = {project.pk: project.slug for project in scope.projects}
    issues = _issues_of(lines)
    return [_row(each, scope, asked, slugs if scope.project is None else {}, issues) for each in lines]


def _row(
    each: TraceLine, scope: Scope, asked: Asked, slugs: Mapping[int, str], issues: Mapping[tuple[int, str], str]
) -> Row:
    line = each.line
    check, text = line.place[1], line.body
    first, _, rest = text.strip().partition("\n")
    return Row(
        key=f"l{line.at_us}-{check:x}",
        at=line.at,
        clock=f"{line.at:%H:%M:%S}.{line.at_us // 1000 % 1000:03d}",
        level=line.level,
        mark=MARKS[line.level],
        head=first[:LONGEST_SHOWN] + (" …" if rest or len(first) > LONGEST_SHOWN else ""),
        body=text,
        logger=line.text(LOGGER),
        release=line.text(RELEASE),
        environment=each.environment,
        project=slugs.get(each.project_id, ""),
        trace_id=line.trace_id,
        span_id=line.span_id,
        of_trace=logs_link(scope, Asked(f"trace:{line.trace_id}")) if line.trace_id else "",
        issue=issues.get((each.project_id, line.trace_id), ""),
        attributes=tuple(
            Attribute(name, _written(value)[:LONGEST_VALUE], _find(scope, asked, name, value))
            for name, value in sorted(line.attributes.items(), key=_own_first)
            if name not in _ELSEWHERE
        ),
    )


def _own_first(item: tuple[str, Scalar]) -> tuple[bool, str]:
    """What the program says of itself comes before what SDKs add to every line."""
    return item[0].startswith(_ADDED), item[0]


def _written(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)


def _find(scope: Scope, asked: Asked, name: str, value: Scalar) -> str:
    text = _written(value)
    if isinstance(value, list) or not text or len(text) > LONGEST_SOUGHT or len(asked.query) > LONGEST_SOUGHT:
        return ""
    return logs_link(scope, Asked(with_term(asked.query, name, text)))


def _issues_of(lines: Sequence[TraceLine]) -> dict[tuple[int, str], str]:
    """Return {(project, trace): address of an error of that trace}, of those that have one."""
    traces = {each.line.trace_id for each in lines} - {""}
    projects = {each.project_id for each in lines}
    found = Event.objects.filter(trace_id__in=traces, project__in=projects, is_simulated=False).order_by("timestamp")
    return {(event.project_id, event.trace_id): event.get_absolute_url() for event in found[:200]}
