"""Which backups of a folder stay. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

ALL_OF = timedelta(hours=24)
_NAME = re.compile(r"tradewatch-(\d{8}T\d{6}Z)\.backup")
_FORMAT = "%Y%m%dT%H%M%SZ"


def name_at(now: datetime) -> str:
    return f"tradewatch-{now.astimezone(UTC).strftime(_FORMAT)}.backup"


def made_at(name: str) -> datetime | None:
    """Return when a file of that name was made; None: it is none of ours, and never deleted."""
    if not (found := _NAME.fullmatch(name)):
        return None
    try:
        return datetime.strptime(found[1], _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def to_delete(names: Iterable[str], *, now: datetime, daily: int, weekly: int) -> list[str]:
    """Return the names that may go.

    Kept are all of the last 24 hours, and the newest of each of the last `daily` days and `weekly` ISO weeks that have
    one: a week without backups costs none of the older ones. The newest of all always stays.
    """
    found = sorted(((at, name) for name in names if (at := made_at(name))), reverse=True)
    kept = {name for at, name in found[:1]} | {name for at, name in found if at > now - ALL_OF}
    kept |= _newest_of_each([(f"{at:%Y-%m-%d}", name) for at, name in found], daily)
    kept |= _newest_of_each([(f"{at:%G-%V}", name) for at, name in found], weekly)
    return sorted(name for _, name in found if name not in kept)


def _newest_of_each(found: Sequence[tuple[str, str]], most: int) -> set[str]:
    """Return the first name of each of the first `most` periods."""
    first: dict[str, str] = {}
    for period, name in found:
        first.setdefault(period, name)
    return set(list(first.values())[:most])
