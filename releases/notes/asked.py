"""What is asked of notes, and what is wrong with that. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from releases.deployments.asked import fault_in_environment
from tradewatch.core.faults import Invalid
from tradewatch.projects.versions import fault_in_version

FORMATS = ("json", "markdown", "html")
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Asked:
    """`previous` empty: what the environment ran before."""

    form: str
    environment: str
    previous: str


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """Return what the query asks. Raises `Invalid` by field."""
    asked = Asked(
        parameters.get("format") or "json",
        parameters.get("environment") or PRODUCTION,
        parameters.get("previous") or "",
    )
    found = {
        "format": "" if asked.form in FORMATS else f"expected one of {', '.join(FORMATS)}",
        "environment": fault_in_environment(asked.environment),
        "previous": fault_in_version(asked.previous) if asked.previous else "",
    }
    if errors := {name: [text] for name, text in found.items() if text}:
        raise Invalid("no notes can be made of that", errors=errors)
    return asked
