"""Which two versions are asked for, and what is wrong with that. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from releases.deployments.asked import fault_in_environment
from releases.notes.asked import PRODUCTION
from tradewatch.core.faults import Invalid
from tradewatch.projects.versions import fault_in_version


@dataclass(frozen=True, slots=True)
class Asked:
    older: str
    newer: str
    environment: str


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """Return what the query asks. Raises `Invalid` by field: `from`, `to`, `environment`."""
    asked = Asked(parameters.get("from", ""), parameters.get("to", ""), parameters.get("environment") or PRODUCTION)
    found = {
        "from": fault_in_version(asked.older),
        "to": fault_in_version(asked.newer) or ("is the same version" if asked.older == asked.newer else ""),
        "environment": fault_in_environment(asked.environment),
    }
    if errors := {name: [text] for name, text in found.items() if text}:
        raise Invalid("two versions are compared", errors=errors)
    return asked
