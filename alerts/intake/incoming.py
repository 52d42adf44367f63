"""One alert of another system in our words, and how a source's labels are read. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from alerts.choices import AlertCategory, AlertSeverity

MAX_LABELS = 50
MAX_VALUE_CHARACTERS = 1_000
FAR_FUTURE = timedelta(days=366)
_USUAL_WORDS: Mapping[str, AlertSeverity] = {
    **{severity.value: severity for severity in AlertSeverity},
    "page": AlertSeverity.CRITICAL,
    "emergency": AlertSeverity.CRITICAL,
    "fatal": AlertSeverity.CRITICAL,
    "disaster": AlertSeverity.CRITICAL,
    "p1": AlertSeverity.CRITICAL,
    "high": AlertSeverity.ERROR,
    "major": AlertSeverity.ERROR,
    "p2": AlertSeverity.ERROR,
    "warn": AlertSeverity.WARNING,
    "medium": AlertSeverity.WARNING,
    "minor": AlertSeverity.WARNING,
    "ticket": AlertSeverity.WARNING,
    "p3": AlertSeverity.WARNING,
    "low": AlertSeverity.INFO,
    "none": AlertSeverity.INFO,
    "information": AlertSeverity.INFO,
    "informational": AlertSeverity.INFO,
    "notice": AlertSeverity.INFO,
    "p4": AlertSeverity.INFO,
    "p5": AlertSeverity.INFO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one source's labels are read. Without a source: these defaults."""

    severity_label: str = "severity"
    severity_map: Mapping[str, str] = field(default_factory=dict)
    environment_label: str = "environment"
    category: AlertCategory = AlertCategory.SYSTEM
    resolve_timeout: timedelta = timedelta(minutes=5)

    def severity_of(self, labels: Mapping[str, str]) -> AlertSeverity:
        """Return the severity that the label names: by the source's own map, else by usual words; error if unknown."""
        word = labels.get(self.severity_label, "")
        mapped = self.severity_map.get(word) or self.severity_map.get(word.lower())
        if mapped in AlertSeverity.values:
            return AlertSeverity(mapped)
        return _USUAL_WORDS.get(word.lower(), AlertSeverity.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One alert as it came. `ends_at` None: only a word ends it; in the past: it has ended."""

    key: str
    fingerprint: str
    title: str
    message: str
    severity: AlertSeverity
    category: AlertCategory
    environment: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    link: str
    starts_at: datetime
    ends_at: datetime | None
    occasion: str = ""

    def has_ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Return 16 hex digits that the same labels always give, in any order."""
    return hashlib.sha256(orjson.dumps(sorted(labels.items()))).hexdigest()[:16]


def web_link(url: object) -> str:
    """Return `url` if it may stand behind a link of ours: http and https, within the column."""
    text = url if isinstance(url, str) else ""
    return text if text.startswith(("http://", "https://")) and len(text) <= 300 else ""
