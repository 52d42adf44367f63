"""What routes, silences and rules know of an alert: its labels, texts by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Tags of these names do not hide what TradeWatch itself says.
OWN_LABELS = ("severity", "category", "project", "environment", "source", "team", "rule", "alert")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """`project` and `team` are slugs; `dedup_key` is the label `alert`, so that grouping by it means one group each."""

    severity: str
    category: str
    project: str
    environment: str = ""
    source: str = ""
    team: str = ""
    rule: str = ""
    dedup_key: str = ""
    tags: Mapping[str, object] = field(default_factory=dict)


def labels_of(facts: LabelFacts) -> dict[str, str]:
    """Return the labels: the tags, and over them our own. A tag hidden by one of ours is there as `tag_NAME`."""
    tags = {str(name): str(value) for name, value in facts.tags.items()}
    hidden = {f"tag_{name}": tags[name] for name in OWN_LABELS if name in tags}
    own = {
        "severity": facts.severity,
        "category": facts.category,
        "project": facts.project,
        "environment": facts.environment,
        "source": facts.source,
        "team": facts.team,
        "rule": facts.rule,
        "alert": facts.dedup_key,
    }
    return {**tags, **hidden, **own}
