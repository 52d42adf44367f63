"""The part of a report about one target: its facts and tables. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sla.choices import CorrectionKind, TargetState
from sla.reports.numbers import NO_DATA, count_words, length_words, percent_words, share_words, value_words
from sla.reports.tables import Cell, Facts, Head, Line, Table
from sla.reports.times import day_words, minute_words, moment_at, span_words

MOST_EXCLUSIONS = 40
_BAD = (TargetState.MISSED, TargetState.WARNING, TargetState.CRITICAL)
Entry = Mapping[str, Any]


def details_of(entry: Entry) -> tuple[Facts, tuple[Table, ...]]:
    tables = (_sides(entry), _exclusions(entry), _incidents(entry), _releases(entry), _issues(entry), _rows(entry))
    return _facts(entry), tuple(table for table in tables if table is not None)


def _facts(entry: Entry) -> Facts:
    period, version, figures = entry["period"], entry["version"], entry["adjusted"]
    zone, sessions = period["zone"], period["sessions"]
    start, end = moment_at(period["start"], zone), moment_at(period["end"], zone)
    since = moment_at(version["valid_from"], zone)
    items = [
        ("Period", f"{minute_words(start)} to {minute_words(end)} {zone}"),
        ("Length", _seconds(period["seconds"])),
        *_session_facts(period, sessions),
        ("Measured", _measured(figures)),
        *_clock_change(period),
        ("Thresholds", _thresholds(entry)),
        ("Judged by", f"version {version['number']}, since {day_words(since)}, {version['actor']}"),
        *_projection(entry),
        *_closing(entry),
    ]
    return Facts(tuple(items))


def _measured(figures: Entry) -> str:
    if figures["coverage"] is None:
        return NO_DATA
    minutes = f"{figures['minutes_measured']:,} of {figures['minutes_expected']:,} min"
    return f"{minutes}, {percent_words(figures['coverage'])}" + (", ±1%" if figures["approximate"] else "")


def _session_facts(period: Entry, sessions: Entry | None) -> list[tuple[str, str]]:
    if sessions is None:
        return []
    if sessions["count"] is None:
        return [("Sessions", f"the calendar {sessions['market']} is not known")]
    halves = f", {len(sessions['half_days'])} half" if sessions["half_days"] else ""
    facts = [
        ("Sessions", f"{sessions['count']} of {sessions['market']}{halves}"),
        ("Market time", _seconds(period["counted_seconds"])),
    ]
    if sessions["half_days"]:
        facts.append(("Half days", ", ".join(sessions["half_days"])))
    if sessions["holidays"]:
        facts.append(("Closed", ", ".join(f"{each['day']} {each['name']}".strip() for each in sessions["holidays"])))
    if period["unknown_seconds"]:
        facts.append(("Unknown", f"{_seconds(period['unknown_seconds'])} that the calendar does not cover"))
    return facts


def _clock_change(period: Entry) -> list[tuple[str, str]]:
    change = period["clock_change"]
    if change is None:
        return []
    way = "forward" if change["seconds"] > 0 else "back"
    at = moment_at(change["at"], period["zone"])
    return [("Clock change", f"{day_words(at)}, {_seconds(abs(change['seconds']))} {way}")]


def _thresholds(entry: Entry) -> str:
    names = ("target_value", "warning_threshold", "critical_threshold")
    target, warning, critical = (value_words(entry[name], entry["unit"]) for name in names)
    return f"target {target}, warning {warning}, critical {critical}"


def _projection(entry: Entry) -> list[tuple[str, str]]:
    if entry["period"]["is_over"]:
        return []
    projected = entry["projected"]
    if projected is None or projected["value"] is None:
        return [("Projected", NO_DATA)]
    reached = value_words(projected["value"], entry["unit"], entry["target_value"])
    return [
        ("Projected", f"{reached}, {share_words(projected['budget_left'])} left at the end, if it goes on like this")
    ]


def _closing(entry: Entry) -> list[tuple[str, str]]:
    if entry["closed_at"] is None:
        return []
    said = f"{minute_words(moment_at(entry['closed_at'], entry['period']['zone']))}"
    late = entry["late"]
    more = f"{count_words(late['valid'])} valid, {count_words(late['bad'])} bad since closing" if late else "none"
    return [("Closed at", said), ("Late events", more)]


def _sides(entry: Entry) -> Table | None:
    if entry["value"] is None and entry["raw"]["value"] is None:
        return None
    heads = (Head("Figure"), Head("Valid", True), Head("Bad", True), Head("Reached", True), Head("Left", True))
    count = len(entry["exclusions"])
    adjusted = f"after {count} {'exclusion' if count == 1 else 'exclusions'}" if count else "nothing was excluded"
    lines = tuple(_side(entry, name, sub) for name, sub in (("adjusted", adjusted), ("raw", "as measured")))
    received = entry["raw"]["received"]
    note = f"Received: {count_words(received)}, {count_words(entry['raw']['received_bad'])} of them bad."
    return Table("Raw and adjusted", heads, lines, note)


def _side(entry: Entry, name: str, sub: str) -> Line:
    side = entry[name]
    reached = value_words(side["value"], entry["unit"], entry["target_value"])
    cells = (Cell(name.capitalize(), sub), Cell(count_words(side["valid"])), Cell(count_words(side["bad"])))
    return Line((*cells, Cell(reached), Cell(share_words(side["budget_left"]))))


def _exclusions(entry: Entry) -> Table | None:
    found: Sequence[Entry] = entry["exclusions"]
    if not found:
        return None
    zone = entry["period"]["zone"]
    heads = (Head(zone), Head("What, who, why"), Head("Events", True), Head("Bad", True))
    lines = tuple(
        Line(
            (
                Cell(span_words(moment_at(each["start"], zone), moment_at(each["end"], zone))),
                Cell(CorrectionKind(each["kind"]).label, f"{each['actor']}: “{each['reason']}”"),
                Cell(count_words(each["valid"])),
                Cell(count_words(each["bad"])),
            )
        )
        for each in found[:MOST_EXCLUSIONS]
    )
    rest = len(found) - MOST_EXCLUSIONS
    return Table("Exclusions", heads, lines, f"{rest} more are in the JSON." if rest > 0 else "")


def _incidents(entry: Entry) -> Table | None:
    if not entry["incidents"]:
        return None
    zone = entry["period"]["zone"]
    heads = (Head(zone), Head("What happened"), Head("Bad", True), Head("Budget points", True))
    lines = tuple(
        Line(
            (
                Cell(
                    minute_words(moment_at(each["start"], zone)),
                    _seconds(each["seconds"]) + ("" if each["end"] else ", lasts"),
                ),
                Cell(each["title"], ", ".join(f"ALERT-{number}" for number in each["alert_ids"][:8])),
                Cell(count_words(each["bad"])),
                Cell(share_words(None if each["points"] is None else _hundredth(each["points"])).rstrip("%")),
            )
        )
        for each in entry["incidents"]
    )
    return Table(
        "Incidents", heads, lines, f"{count_words(entry['incident_elsewhere'])} further bad events belong to none."
    )


def _releases(entry: Entry) -> Table | None:
    return _costs(entry["releases"], "Cost by release", "Release")


def _issues(entry: Entry) -> Table | None:
    return _costs(entry["issues"], "Cost by issue", "Issue")


def _costs(costs: Entry | None, title: str, head: str) -> Table | None:
    if costs is None or not costs["parts"]:
        return None
    heads = (Head(head), Head("Bad", True), Head("of that shared", True), Head("Share", True))
    lines = [
        Line(
            (
                Cell(each["label"]),
                Cell(count_words(each["bad"])),
                Cell(count_words(each["shared"])),
                Cell(share_words(each["share"])),
            )
        )
        for each in costs["parts"]
    ]
    others = [("Others", costs["others"])] if Decimal(costs["others"]) else []
    lines += [
        Line((Cell(name), Cell(count_words(value)), Cell(""), Cell("")))
        for name, value in (*others, ("Unattributed", costs["unattributed"]))
    ]
    return Table(title, heads, tuple(lines))


def _rows(entry: Entry) -> Table | None:
    if all(row["value"] is None for row in entry["rows"]):
        return None
    word = "Session" if entry["period"]["sessions"] else "Time"
    heads = (Head(word), Head("Bad / valid", True), Head("Reached", True), Head("Left", True))
    title = "By session" if entry["period"]["sessions"] else "Over time"
    return Table(title, heads, tuple(_row(entry, row) for row in entry["rows"]), "Left: of the whole period.", True)


def _row(entry: Entry, row: Entry) -> Line:
    has_data = row["value"] is not None
    counts = f"{count_words(row['bad'])} / {count_words(row['valid'])}" if has_data else NO_DATA
    reached = value_words(row["value"], entry["unit"], entry["target_value"])
    cells = Cell(" ".join(filter(None, (row["label"], row["note"])))), Cell(counts), Cell(reached)
    return Line((*cells, Cell(share_words(row["left"]))), row["state"] in _BAD)


def _seconds(seconds: int) -> str:
    return length_words(timedelta(seconds=seconds))


def _hundredth(text: str) -> str:
    return str(Decimal(text) / 100)
