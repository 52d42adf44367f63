"""Whether a backup's tables fit this code, and how its database gets them. `fit` is pure."""

from collections.abc import Collection
from enum import Enum, auto

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tradewatch.processes.backup.faults import BackupFault

Node = tuple[str, str]  # app, migration


class Fit(Enum):
    SAME = auto()
    OLDER = auto()  # restored into the tables it was made with, migrated after
    NEWER = auto()
    TOO_LATE = auto()  # older, but these tables are migrated already


def fit(theirs: Collection[Node], *, known: Collection[Node], applied: Collection[Node]) -> Fit:
    """Compare the migrations of a backup with those of the code (`known`) and of the database (`applied`)."""
    if set(theirs) - set(known):
        return Fit.NEWER
    if set(applied) - set(theirs):
        return Fit.TOO_LATE
    return Fit.SAME if set(known) == set(theirs) else Fit.OLDER


def prepare_tables(theirs: Collection[Node]) -> Fit:
    """Migrate the database to what the backup was made with. Raises `BackupFault` where that cannot be."""
    executor = MigrationExecutor(connection)
    graph, applied = executor.loader.graph, executor.loader.applied_migrations
    found = fit(theirs, known=graph.nodes, applied=applied)
    if found is Fit.NEWER:
        raise BackupFault("the backup was made by a later version of TradeWatch: install that one, or a later one")
    if found is Fit.TOO_LATE:
        raise BackupFault(
            "the backup was made by an earlier version, and this database has the tables of this one already: restore "
            "into an empty folder or a database without tables; they are migrated after"
        )
    executor.migrate(last_of(theirs, {node: graph.node_map[node].parents for node in theirs}))
    return found


def last_of(nodes: Collection[Node], parents: "dict[Node, Collection[object]]") -> list[Node]:
    """Return the nodes that no other one of the same app comes after."""
    before = {parent for node in nodes for parent in (_key(each) for each in parents[node]) if parent[0] == node[0]}
    return sorted(node for node in nodes if node not in before)


def migrate_on() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def _key(node: object) -> Node:
    key: Node = node if isinstance(node, tuple) else node.key  # type: ignore[attr-defined]  # a node of Django's graph
    return key
