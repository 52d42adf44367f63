"""What a host did over the page's range, as charts."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.dashboard.chart_frame import MOST_LINES, ChartFrame
from tradewatch.dashboard.charts import Chart, Values
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import UnknownMetricError, chart
from tradewatch.performance.hosts.services import HOST, PREFIX
from tradewatch.performance.models import Host

EMPTY = "the host reported nothing of it in this time"
SILENCE = "no report"


@dataclass(frozen=True, slots=True)
class Asked:
    """One line, or one for each value of `group_by`; with several, a line is called by its value."""

    metric: str
    name: str = ""
    group_by: str = ""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    key: str
    title: str
    unit: str
    asked: tuple[Asked, ...]
    scale: float = 1.0


STATES = ("user", "system", "iowait", "steal")
PLANS: Sequence[Plan] = (
    Plan("cpu", "CPU", "%", (Asked("cpu.state", group_by="state", only=(("state", STATES),)),), 100.0),
    Plan("load", "Load", "", (Asked("load", group_by="minutes"),)),
    Plan("memory", "Memory and swap", "%", (Asked("memory", "memory"), Asked("swap", "swap")), 100.0),
    Plan("disk", "Disk space used", "%", (Asked("disk", group_by="mount"),), 100.0),
    Plan("io", "Disk, bytes a second", "B", (Asked("disk.read", "read"), Asked("disk.write", "written"))),
    Plan("busy", "Disk busy", "%", (Asked("disk.busy", group_by="device"),), 100.0),
    Plan(
        "network",
        "Network, bytes a second",
        "B",
        (Asked("network.received", "received"), Asked("network.sent", "sent")),
    ),
    Plan(
        "faults",
        "Network errors and drops a second",
        "",
        (Asked("network.errors", "errors"), Asked("network.drops", "drops")),
    ),
    Plan("processes", "Processes", "", (Asked("processes", "processes"),)),
    Plan("files", "Open file handles", "", (Asked("files", "open files"),)),
)


def charts_of(host: Host, frame: ChartFrame) -> list[tuple[str, Chart]]:
    """Return (title, chart) of each plan, the empty ones too: that nothing is known is worth seeing."""
    return [(plan.title, _chart(host, plan, frame)) for plan in PLANS]


def _chart(host: Host, plan: Plan, frame: ChartFrame) -> Chart:
    lines = [line for asked in plan.asked for line in _lines(host, asked, plan.scale, frame)][:MOST_LINES]
    lines = [line for line in lines if any(value is not None for value in line[1])] or [(plan.title, _nothing(frame))]
    return frame.lines(plan.key, lines, unit=plan.unit, empty=EMPTY)


def _lines(host: Host, asked: Asked, scale: float, frame: ChartFrame) -> list[tuple[str, Values]]:
    """Return (name, values). Without a group the series of one moment (devices, interfaces) are added up."""
    question = Question(
        [host.project_id],
        PREFIX + asked.metric,
        aggregation="avg",
        environment=host.environment,
        group_by=asked.group_by or ("device" if asked.metric.startswith("disk.") else "interface"),
        filters={HOST: [host.name], **{name: list(values) for name, values in asked.only}},
    )
    span = frame.span
    try:
        drawn = chart(question, span.epoch_start, span.epoch_end, span.step_seconds, top=20)
    except UnknownMetricError:
        return []
    if asked.group_by:
        named = [(line.label, _scaled(line.values, scale)) for line in drawn.groups if not line.is_other]
        return sorted(named, key=lambda line: _place(asked, line[0]))
    return [(asked.name, _scaled(_sum([line.values for line in drawn.groups]), scale))] if drawn.groups else []


def _place(asked: Asked, label: str) -> tuple[int, str]:
    order = next((values for name, values in asked.only if name == asked.group_by), ())
    return (order.index(label) if label in order else len(label), label)


def _sum(lines: Sequence[Sequence[float | None]]) -> list[float | None]:
    return [
        sum(value for value in values if value is not None) if any(value is not None for value in values) else None
        for values in zip(*lines, strict=True)
    ]


def _scaled(values: Sequence[float | None], scale: float) -> Values:
    return tuple(None if value is None else round(value * scale, 3) for value in values)


def _nothing(frame: ChartFrame) -> Values:
    return (None,) * frame.span.steps
