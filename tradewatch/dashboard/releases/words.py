"""How deployments are put in words."""

from datetime import datetime

from releases.choices import VersionSource
from releases.models import Deployment
from tradewatch.dashboard import words

_HOW_NAMED = {
    VersionSource.COMMIT: "its commit: no version was given",
    VersionSource.SEEN: "the newest release seen there: no version was given",
    VersionSource.EVENT: "from the first event of a new release: no version was given",
    VersionSource.UNKNOWN: "the first event of a release will name it",
}


def how_named(row: Deployment) -> str:
    """Return where the version comes from, where that needs a word."""
    return _HOW_NAMED.get(VersionSource(row.version_source), "")


def took(row: Deployment, now: datetime) -> str:
    """Return `2 min`, or `for 2 min so far`."""
    return f"for {words.span(now - row.started_at)} so far" if row.duration is None else words.span(row.duration)
