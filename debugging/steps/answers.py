"""What a step of the checklist answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from debugging.choices import Finding, StepKey

LONGEST_SUMMARY = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """`summary` is a sentence or two; `evidence` the figures that it was made of, as JSON. `links` of it are paths."""

    key: StepKey
    finding: Finding
    summary: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def unknown(key: StepKey, summary: str, evidence: Mapping[str, Any] | None = None) -> Answer:
    return Answer(key, Finding.UNKNOWN, summary, evidence or {})
