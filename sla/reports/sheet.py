"""What a report shows, the same for HTML and PDF: a document's figures as words, tables and charts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sla.choices import TargetState
from sla.reports.chart import Chart, chart_of
from sla.reports.details import details_of
from sla.reports.numbers import NO_DATA, count_words, number, percent_words, share_words, value_words
from sla.reports.tables import Cell, Facts, Head, Line, Table
from sla.reports.times import day_words, minute_words, moment_at

BADGES = {
    TargetState.MET: "ok",
    TargetState.MISSED: "bad",
    TargetState.WARNING: "warning",
    TargetState.CRITICAL: "critical",
    TargetState.NO_DATA: "hollow",
}
_HOW = (
    "Counts come from counters, one a minute, weighted by sample rate. Percentiles come from merged histograms, ±1%, "
    "and are never averaged. Adjusted figures leave out what was excluded; raw ones do not."
)
COVERED = Decimal("0.99")  # less than that is said beside the figure


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target in the overview. `used_percent` None: there is no budget to show; cut to 0..100 for the bar alone."""

    name: str
    promise: str
    reached: str
    counts: str
    used_percent: float | None
    used: str
    left: str
    state: str
    badge: str
    note: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    promise: str
    chart: Chart | None
    facts: Facts
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    name: str
    project: str
    meta: tuple[str, ...]
    lede: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    note: str
    sections: tuple[Section, ...]
    check: str
    sha256: str


def sheet_of(document: Mapping[str, Any]) -> Sheet:
    """Return what a sealed document shows."""
    entries: Sequence[Mapping[str, Any]] = document["targets"]
    return Sheet(
        title=f"Service level report, {document['period']['label']}",
        name=document["name"],
        project=document["project"]["name"],
        meta=_meta(document),
        lede=tuple(document["lede"]),
        verdicts=tuple(verdict_of(entry) for entry in entries),
        note="Left = 1 − bad / allowed, never cut off at zero. No data is neither met nor missed.",
        sections=tuple(_section(document, entry) for entry in entries),
        check=_check(document),
        sha256=document["sha256"],
    )


def verdict_of(entry: Mapping[str, Any]) -> Verdict:
    figures, has_data = entry["adjusted"], entry["value"] is not None
    used = number(figures["budget_used"])
    return Verdict(
        name=entry["metric_name"],
        promise=entry["promise"] + (f", {entry['environment']}" if entry["environment"] else ""),
        reached=value_words(entry["value"], entry["unit"], entry["target_value"]),
        counts=f"{count_words(figures['bad'])} / {count_words(figures['valid'])}" if has_data else NO_DATA,
        used_percent=None if used is None else float(min(max(used * 100, Decimal(0)), Decimal(100))),
        used=share_words(figures["budget_used"]),
        left=share_words(figures["budget_left"]),
        state=TargetState(entry["state"]).label,
        badge=BADGES[TargetState(entry["state"])],
        note=_note(entry),
    )


def _note(entry: Mapping[str, Any]) -> str:
    figures, said = entry["adjusted"], []
    coverage = number(figures["coverage"])
    if entry["value"] is not None and coverage is not None and coverage < COVERED:
        said.append(f"measured {percent_words(figures['coverage'])} of the time")
    if figures["approximate"]:
        said.append("±1%")
    if entry["late"]:
        said.append(f"late: {count_words(entry['late']['valid'])} valid, {count_words(entry['late']['bad'])} bad")
    return ", ".join(said)


def _meta(document: Mapping[str, Any]) -> tuple[str, ...]:
    period = document["period"]
    zone = period["zone"]
    made = minute_words(moment_at(document["made_at"], zone))
    said = [f"{document['project']['name']}{_environments(document)}"]
    if period["start"]:
        first, last = moment_at(period["start"], zone), moment_at(period["until"], zone)
        said.append(f"{day_words(first)} to {minute_words(last)}, {zone or 'UTC'}")
    markets = sorted(
        {entry["period"]["sessions"]["market"] for entry in document["targets"] if entry["period"]["sessions"]}
    )
    said += [f"{', '.join(markets)} sessions"] if markets else []
    said += [] if period["is_over"] else ["still running"]
    return (*said, f"made {made}")


def _environments(document: Mapping[str, Any]) -> str:
    names = {entry["environment"] for entry in document["targets"]}
    return f", {names.pop()}" if len(names) == 1 and names != {""} else ""


def _section(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Section:
    facts, tables = details_of(entry)
    return Section(entry["metric_name"], entry["promise"], chart_of(entry, document["markers"]), facts, tables)


def _check(document: Mapping[str, Any]) -> str:
    entries = document["targets"]
    if not entries:
        return "There was nothing to judge."
    versions = ", ".join(f"{entry['metric_name']} by version {entry['version']['number']}" for entry in entries)
    late = (
        "Closed periods stay as they were closed: what arrived later is told as late and changes no figure here."
        if any(entry["closed_at"] for entry in entries)
        else "The period is not closed: what arrives late corrects the next report."
    )
    return f"{_HOW} Judged by the version in force at the end of the period: {versions}. {late}"


def overview_table(sheet: Sheet) -> Table:
    """Return the verdicts as a table of texts (the PDF's and the mail's)."""
    heads = (Head("Target"), Head("Reached", True), Head("Bad / valid", True), Head("Left", True), Head("Verdict"))
    return Table(
        "Targets",
        heads,
        tuple(
            Line(
                (
                    Cell(each.name, each.promise),
                    Cell(each.reached, each.note),
                    Cell(each.counts),
                    Cell(each.left),
                    Cell(each.state, badge=each.badge),
                )
            )
            for each in sheet.verdicts
        ),
        sheet.note,
    )
