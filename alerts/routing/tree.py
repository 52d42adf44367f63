"""Alertmanager's routing tree: children first, the first sibling that matches wins unless it goes on.

https://prometheus.io/docs/alerting/latest/configuration/#route
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace

from alerts.matchers import Labels, Matcher, all_match, first_mismatch

EACH_ALERT = "..."  # Alertmanager's word for "group by all labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a node sets; None is what its parent has. Durations in seconds, ids of what is told.

    `mails_members`: the project's people, by e-mail. `quiet_window_ids`: when its messages wait.
    """

    group_by: tuple[str, ...] | None = None
    group_wait: int | None = None
    group_interval: int | None = None
    repeat_interval: int | None = None
    sends_resolved: bool | None = None
    mails_members: bool | None = None
    tells_nobody: bool | None = None
    channel_ids: tuple[int, ...] | None = None
    policy_id: int | None = None
    quiet_window_ids: tuple[int, ...] | None = None
    reminder_after: int | None = None
    unacknowledge_after: int | None = None
    joins_companions: bool | None = None

    @property
    def joins(self) -> bool:
        """Whether alerts join the group of what they come together with. Not where each alert stands alone."""
        if self.joins_companions is not None:
            return self.joins_companions
        return not {"alert", EACH_ALERT} & set(self.group_by or ())

    def over(self, parent: "Settings") -> "Settings":
        """Return these settings, with the parent's where nothing is set."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(parent, **{name: value for name, value in own.items() if value is not None})


DEFAULTS = Settings(
    group_by=("project", "category"),
    group_wait=30,
    group_interval=300,
    repeat_interval=4 * 3600,
    sends_resolved=True,
    mails_members=False,
    tells_nobody=False,
    channel_ids=(),
    quiet_window_ids=(),
    reminder_after=0,
    unacknowledge_after=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One route. `goes_on`: the siblings after it are asked too."""

    id: int
    name: str
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    settings: Settings = Settings()
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """A route that takes the alert, the names on the way to it, and the settings it has with what it inherits."""

    node: Node
    path: tuple[str, ...]
    settings: Settings
    reason: str

    def group_labels(self, labels: Labels) -> dict[str, str]:
        """Return the labels that make the alert's group. The project is always one: rights end at it."""
        names = self.settings.group_by or ()
        chosen = labels if EACH_ALERT in names else [name for name in names if name in labels]
        return {"project": labels.get("project", ""), **{name: labels[name] for name in sorted(chosen)}}


@dataclass(frozen=True, slots=True)
class Row:
    """A route as the table has it, before the tree is grown."""

    id: int
    parent_id: int | None
    position: int
    name: str
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    settings: Settings = field(default_factory=Settings)


def grow(rows: Iterable[Row]) -> Node | None:
    """Return the root of the tree that `rows` make; None without a root. A row that hangs on no root is left out."""
    by_parent: dict[int | None, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.position, row.id)):
        by_parent.setdefault(row.parent_id, []).append(row)
    roots = by_parent.get(None, [])
    return _node(roots[0], by_parent) if roots else None


def destinations(root: Node, labels: Labels) -> list[Destination]:
    """Return where an alert with `labels` goes: the root when none of its descendants takes it, never nowhere."""
    return list(_destinations(root, labels, (), DEFAULTS))


def _destinations(node: Node, labels: Labels, path: tuple[str, ...], inherited: Settings) -> Iterator[Destination]:
    settings, path = node.settings.over(inherited), (*path, node.name)
    taken = False
    for child in node.children:
        if all_match(child.matchers, labels):
            taken = True
            yield from _destinations(child, labels, path, settings)
            if not child.goes_on:
                break
    if not taken:
        yield Destination(node, path, settings, _reason(node, labels, is_root=len(path) == 1))


def _reason(node: Node, labels: Labels, *, is_root: bool) -> str:
    if not is_root:
        return ", ".join(map(str, node.matchers)) or "it takes everything"
    missed = [f"{child.name} ({miss})" for child in node.children if (miss := first_mismatch(child.matchers, labels))]
    return f"no other route takes it, not {', '.join(missed[:3])}" if missed else "it takes everything"


def _node(row: Row, by_parent: dict[int | None, list[Row]]) -> Node:
    children: Sequence[Row] = by_parent.get(row.id, [])
    return Node(
        id=row.id,
        name=row.name,
        matchers=row.matchers,
        goes_on=row.goes_on,
        settings=row.settings,
        children=tuple(_node(child, by_parent) for child in children),
    )
