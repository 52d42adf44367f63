"""One alert makes others needless: the venue is down, so nobody need hear of each of its orders.

https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from alerts.matchers import Labels, Matcher, all_match


@dataclass(frozen=True, slots=True)
class Source:
    """An open alert that may inhibit others."""

    id: int
    title: str
    labels: Labels


@dataclass
class Inhibitor:
    """A rule with the open alerts that are its sources. `project`: its slug, where the rule belongs to one.

    `read` gives the alerts to `take`; it is called once, when the first alert is asked about that the rule aims at.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]
    project: str = ""
    read: Callable[[], Iterable[Source]] | None = None
    _by_equal: dict[tuple[str, ...], list[Source]] = field(default_factory=dict)

    def take(self, alerts: Iterable[Source]) -> None:
        """Remember those of the open alerts that are sources of this rule."""
        for alert in alerts:
            if self._covers(alert.labels) and all_match(self.source, alert.labels):
                self._by_equal.setdefault(self._key(alert.labels), []).append(alert)

    def source_for(self, alert_id: int, labels: Labels) -> Source | None:
        """Return the alert that inhibits the one of `alert_id`, never itself.

        One that matches both sides is not inhibited by another that does: else two could silence each other.
        """
        if not self._covers(labels) or not all_match(self.target, labels):
            return None
        if self.read is not None:
            self.take(self.read())
            self.read = None
        is_source_too = all_match(self.source, labels)
        for source in self._by_equal.get(self._key(labels), ()):
            if source.id != alert_id and not (is_source_too and all_match(self.target, source.labels)):
                return source
        return None

    def _covers(self, labels: Labels) -> bool:
        return not self.project or labels.get("project", "") == self.project

    def _key(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self.equal)  # missing and empty are equal


def inhibited_by(inhibitors: Sequence[Inhibitor], alert_id: int, labels: Labels) -> tuple[Inhibitor, Source] | None:
    """Return the first rule that inhibits the alert, and the alert that does it."""
    for inhibitor in inhibitors:
        source = inhibitor.source_for(alert_id, labels)
        if source is not None:
            return inhibitor, source
    return None
