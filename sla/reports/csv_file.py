"""A document as CSV: one row a target and period, the figures exact as in the JSON. Pure."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tradewatch.core.csv_cells import UTF8_MARK, safe_cell

_ABOUT = ("metric_name", "promise", "environment", "indicator", "unit", "direction", "state")
_THRESHOLDS = ("target_value", "warning_threshold", "critical_threshold", "objective")
_SIDE = (
    *("value", "valid", "bad", "received", "received_bad", "allowed", "budget_used", "budget_left", "coverage"),
    *("minutes_measured", "minutes_expected", "approximate"),
)
_PROJECTED = ("value", "budget_left", "state")
COLUMNS = (
    *("report", "project", "period", "start", "end", "zone", "seconds", "counted_seconds", "is_over"),
    *_ABOUT,
    *_THRESHOLDS,
    *("version", "version_valid_from", "version_by"),
    *_SIDE,
    *(f"raw_{name}" for name in _SIDE),
    *(f"projected_{name}" for name in _PROJECTED),
    *("exclusions", "incidents", "closed_at", "late_valid", "late_bad", "sha256"),
)


def csv_of(document: Mapping[str, Any]) -> str:
    """Return the file. No data is an empty cell, as everywhere in CSV, and `state` says no_data."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in document["targets"]:
        writer.writerow([_cell(value) for value in _cells(document, entry)])
    return UTF8_MARK + out.getvalue()


def _cells(document: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[object, ...]:
    period, version, late = entry["period"], entry["version"], entry["late"] or {}
    projected = entry["projected"] or {}
    return (
        *(document["name"], document["project"]["slug"], period["label"]),
        *(period[name] for name in ("start", "end", "zone", "seconds", "counted_seconds", "is_over")),
        *(entry[name] for name in (*_ABOUT, *_THRESHOLDS)),
        *(version["number"], version["valid_from"], version["actor"]),
        *(entry["adjusted"][name] for name in _SIDE),
        *(entry["raw"][name] for name in _SIDE),
        *(projected.get(name) for name in _PROJECTED),
        *(len(entry["exclusions"]), len(entry["incidents"]), entry["closed_at"]),
        *(late.get("valid"), late.get("bad"), document["sha256"]),
    )


def _cell(value: object) -> object:
    """Return what is safe: figures stay figures (a budget left may be negative), texts never become formulas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if _is_figure(value) else safe_cell(value)


def _is_figure(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return Decimal(value).is_finite() and value.isascii() and value.strip() == value
    except ArithmeticError:
        return False
