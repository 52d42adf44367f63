"""The worst regressions: what `comparing` says of two releases, or of two periods. Intervals as in `queries`."""

from collections.abc import Sequence

from tradewatch.performance.traces import queries
from tradewatch.performance.traces.comparing import Change, compare
from tradewatch.performance.traces.queries import TransactionKey


def between_releases(
    project_ids: Sequence[int],
    before: str,
    after: str,
    start: int,
    end: int,
    *,
    environment: str | None = None,
) -> list[Change[TransactionKey]]:
    """Return each transaction's change from one release to another, both within the interval, the worst first."""
    return compare(
        queries.by_transaction(project_ids, start, end, environment=environment, release=before),
        queries.by_transaction(project_ids, start, end, environment=environment, release=after),
    )


def between_periods(
    project_ids: Sequence[int],
    before: tuple[int, int],
    after: tuple[int, int],
    *,
    environment: str | None = None,
    release: str | None = None,
) -> list[Change[TransactionKey]]:
    """Return each transaction's change from one interval to another, the worst first."""
    return compare(
        queries.by_transaction(project_ids, *before, environment=environment, release=release),
        queries.by_transaction(project_ids, *after, environment=environment, release=release),
    )
