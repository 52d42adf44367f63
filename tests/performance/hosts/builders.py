"""Hosts and what they report, with loud defaults."""

from datetime import datetime
from typing import Any

from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.performance.hosts.points import Point, labels
from tradewatch.performance.hosts.reports import Sampled
from tradewatch.performance.hosts.services import Report, take_report
from tradewatch.performance.models import Host
from tradewatch.projects.models import Project


def make_points(cpu: float = 0.38, memory: float = 0.58, disk: float = 0.41, mount: str = "/") -> list[Point]:
    return [
        Point("cpu", cpu),
        Point("memory", memory),
        Point("disk", disk, labels(mount=mount)),
        Point("cpu.count", 4.0),
    ]


def report_host(
    name: str = "api-01",
    *,
    now: datetime,
    project: Project | None = None,
    points: list[Point] | None = None,
    age_seconds: float = 0.0,
    **fields: Any,
) -> Host:
    samples = [Sampled(age_seconds, make_points() if points is None else points)]
    report = Report(name=name, samples=samples, **fields)
    return take_report(SYSTEM, project or make_project(), report, now=now).host
