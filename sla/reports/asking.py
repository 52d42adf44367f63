"""Which period a report is asked about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from sla.reports.civil import Named, period_of
from tradewatch.core.faults import Invalid

DEFAULT_DAYS = 30
MOST_DAYS = 400  # as long as minutes are kept by default
FORMATS = ("json", "html", "pdf", "csv")


@dataclass(frozen=True, slots=True)
class Asked:
    """Either the last `days` up to now, or the `named` period in the zone of each target. `market`: of the targets in
    its time alone, where there are any."""

    days: int | None = None
    named: Named | None = None
    market: str = ""


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """Return what `period_days` or `period` name; without them the last 30 days. Raises `Invalid` with the field."""
    name, days = parameters.get("period"), parameters.get("period_days")
    if name and days:
        raise Invalid("bad period", errors={"period": ["give either period, or period_days"]})
    if name:
        return asked_named(name)
    text = days if days is not None else str(DEFAULT_DAYS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_DAYS):
        raise Invalid("bad period", errors={"period_days": [f"expected whole days from 1 to {MOST_DAYS}"]})
    return Asked(days=int(text))


def asked_named(name: str, market: str = "") -> Asked:
    try:
        return Asked(named=period_of(name), market=market)
    except ValueError as error:
        raise Invalid("bad period", errors={"period": [str(error)]}) from None


def read_format(parameters: Mapping[str, str]) -> str:
    name = parameters.get("format") or "json"
    if name not in FORMATS:
        raise Invalid("bad format", errors={"format": ["expected one of " + ", ".join(FORMATS)]})
    return name
