"""What `/performance/prometheus` shows of TradeWatch: each app registers the families that it knows.

Values come from the database, so every process answers the same, whichever is asked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client.core import Metric

# Takes the projects that the asker may see: whatever carries a project's name is about these alone.
Export = Callable[[Sequence[int]], Iterable[Metric]]

_exports: dict[str, Export] = {}


def add_export(name: str, export: Export) -> None:
    """Let `export` add families named `tradewatch_*`. The same name again replaces it."""
    _exports[name] = export


def all_exports() -> Mapping[str, Export]:
    return dict(sorted(_exports.items()))
