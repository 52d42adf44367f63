"""Where the disk stands between its marks, for the status, /health/ready and the page."""

from tradewatch.performance.disk.marks import level_of
from tradewatch.performance.disk.room import is_known, room
from tradewatch.performance.disk.watching import watched


def standing() -> dict[str, object]:
    """Return the level ("ok", "high", "critical"; "unknown" for a PostgreSQL without a budget) and what it comes from,
    measured now."""
    if not is_known():
        return {"level": "unknown", "free_bytes": None, "total_bytes": None}
    found, watch = room(), watched()
    marks = found.marks
    return {
        "level": level_of(found.free_bytes, marks).value,
        "free_bytes": found.free_bytes,
        "reusable_bytes": found.reusable_bytes,
        "total_bytes": marks.total_bytes,
        "low_mark_free_bytes": marks.low,
        "high_mark_free_bytes": marks.high,
        "critical_mark_free_bytes": marks.critical,
        "is_clearing": watch.is_clearing,
        "clearing_began_at": watch.began_at.isoformat() if watch.began_at else None,
        "cleared": watch.cleared,
    }
