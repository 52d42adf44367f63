"""The finding of a report, in sentences: made of its entries alone. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sla.choices import TargetState
from sla.reports.numbers import count_words, number, percent_words, share_words, time_words

NAMED = 3  # targets that are named one by one
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORSE = (TargetState.MISSED, TargetState.WARNING, TargetState.CRITICAL)


def summary_of(entries: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many targets there are in each state, and in all."""
    states = [entry["state"] for entry in entries]
    return {"targets": len(entries), **{state.value: states.count(state.value) for state in TargetState}}


def lede_of(entries: Sequence[Mapping[str, Any]], *, is_over: bool) -> list[str]:
    """Return the sentences, the verdict first. Of a running period they say "so far"."""
    if not entries:
        return ["There is no target."]
    return [
        _verdict(summary_of(entries), is_over),
        *_missed(entries, is_over),
        *_no_data(entries),
        *_incidents(entries),
        *_late(entries),
    ]


def _verdict(summary: Mapping[str, int], is_over: bool) -> str:
    met, missed, no_data = summary["met"], sum(summary[state] for state in _WORSE), summary["no_data"]
    verb = ("was" if is_over else "is") if 1 in (met, summary["targets"]) else ("were" if is_over else "are")
    parts = [f"{met} of {summary['targets']} {'target' if summary['targets'] == 1 else 'targets'} {verb} met"]
    if missed:
        parts.append(
            f"{missed} {('was' if missed == 1 else 'were') if is_over else ('is' if missed == 1 else 'are')} missed"
        )
    if no_data:
        parts.append(f"{no_data} {'has' if no_data == 1 else 'have'} no data")
    return ", ".join(parts) + (" so far." if not is_over else ".")


def _missed(entries: Sequence[Mapping[str, Any]], is_over: bool) -> list[str]:
    found = [entry for entry in entries if entry["state"] in _WORSE]
    verb = "was" if is_over else "is"
    said = [f"{entry['metric_name']} {verb} missed by {_distance(entry)}." for entry in found[:NAMED]]
    rest = len(found) - NAMED
    return [*said, f"{rest} more {'was' if rest == 1 else 'were'} missed."] if rest > 0 else said


def _distance(entry: Mapping[str, Any]) -> str:
    value, target = number(entry["value"]), number(entry["target_value"])
    if value is None or target is None:
        return "an unknown distance"
    far = str(abs(value - target))
    return time_words(far, "0") if entry["unit"] == "seconds" else percent_words(far, "0").rstrip("%") + " points"


def _no_data(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    names = [entry["metric_name"] for entry in entries if entry["state"] == TargetState.NO_DATA]
    if not names or len(names) == len(entries):
        return []
    shown = ", ".join(names[:NAMED]) + (" and others" if len(names) > NAMED else "")
    return [f"No data: {shown}."]


def _incidents(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what the incidents spent of the budget that is the most used."""
    with_them = [entry for entry in entries if entry["incidents"] and entry["incident_share"] is not None]
    if not with_them:
        return []
    worst = max(with_them, key=lambda entry: number(entry["adjusted"]["budget_used"]) or Decimal(0))
    count = len(worst["incidents"])
    said = (_NUMBERS[count] if count < len(_NUMBERS) else str(count)).capitalize()
    noun = "incident" if count == 1 else "incidents"
    return [f"{said} {noun} made {share_words(worst['incident_share'])} of the failures of {worst['metric_name']}."]


def _late(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    late = [entry["late"] for entry in entries if entry["late"]]
    if not late:
        return []
    valid, bad = (sum((Decimal(each[side]) for each in late), Decimal(0)) for side in ("valid", "bad"))
    return [f"Since closing, {count_words(str(valid))} more events arrived, {count_words(str(bad))} of them bad."]
