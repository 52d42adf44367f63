"""What whoever tells of a release says, and what is wrong with that. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.deployments.asked import fault_in_ref, fault_in_url
from tradewatch.projects.versions import fault_in_version

AHEAD = timedelta(minutes=5)  # clocks of CI machines differ


@dataclass(frozen=True, slots=True)
class Told:
    """Empty where nothing is said. `finalised_at`: when the release was complete."""

    version: str
    ref: str = ""
    url: str = ""
    finalised_at: datetime | None = None


def faults_in(told: Told, *, now: datetime) -> Mapping[str, Sequence[str]]:
    """Return what is wrong, by field; empty when nothing is."""
    found = {
        "version": fault_in_version(told.version),
        "ref": fault_in_ref(told.ref),
        "url": fault_in_url(told.url),
        "finalised_at": fault_in_moment(told.finalised_at, now=now),
    }
    return {name: [text] for name, text in found.items() if text}


def fault_in_moment(moment: datetime | None, *, now: datetime) -> str:
    return "lies in the future" if moment is not None and moment > now + AHEAD else ""
