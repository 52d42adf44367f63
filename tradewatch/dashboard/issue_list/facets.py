"""What the found issues are like: how many of each level, category, release, ... and the query that narrows to it.

Counted among the `SAMPLE` found issues that were seen last: bounded, whatever there is, tags among
the first `TAG_SAMPLE` of them. Of more the page says so.
A facet that the query names itself is counted without that part, so that its other values show what they would add.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tradewatch.errors.choices import ErrorCategory, ErrorSeverity, IssuePriority, IssueState
from tradewatch.errors.models import Issue, TagCount
from tradewatch.errors.search.terms import Term
from tradewatch.errors.search.values import exactly

SAMPLE = 500
TAG_SAMPLE, PROBED = 100, 5  # an issue has hundreds of tag values: fewer are asked, and of few keys
MOST_VALUES = 20
VALUES = 6
TAGS = 3  # further facets, of the tags that most issues have
_NO_FACETS = ("release", "environment", "level", "transaction", "url")  # have a facet, or as many values as issues

Find = Callable[[Sequence[Term]], QuerySet[Issue]]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`terms`: the query with this value taken in, or out again where it `is_chosen`."""

    label: str
    count: int
    is_chosen: bool
    terms: Sequence[Term]


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    key: str
    values: list[FacetValue]


@dataclass(frozen=True, slots=True)
class Facets:
    """`is_partial`: more than `sampled` issues were found."""

    facets: list[Facet]
    sampled: int
    is_partial: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    key: str
    column: str
    labels: Mapping[str, str]


_KINDS = (
    _Kind("State", "is", "state", dict(IssueState.choices)),
    _Kind("Level", "level", "severity", dict(reversed(ErrorSeverity.choices))),
    _Kind("Category", "category", "category", dict(ErrorCategory.choices)),
    _Kind("Priority", "priority", "priority", dict(IssuePriority.choices)),
)


def read_facets(terms: Sequence[Term], find: Find) -> Facets:
    """Return the facets of what `terms` find."""
    rows = _sample(find(terms))
    facets = [_of_column(kind, terms, rows, find) for kind in _KINDS]
    facets.append(_of_assignees(terms, rows, find))
    facets += _of_tags(terms, [row["pk"] for row in rows[:SAMPLE]])
    shown = [facet for facet in facets if facet.values]
    return Facets(shown, min(len(rows), SAMPLE), is_partial=len(rows) > SAMPLE)


def toggled(terms: Sequence[Term], key: str, value: str) -> list[Term]:
    """Return the terms with one more value for `key`, or without it where they ask for it already."""
    wanted = exactly(value)
    for place, each in enumerate(terms):
        if each.key != key or each.is_negated:
            continue
        left = tuple(known for known in each.values if known != wanted)
        values = left if len(left) < len(each.values) else (*each.values, wanted)
        changed = [Term(key, values)] if values else []
        return [*terms[:place], *changed, *terms[place + 1 :]]
    return [*terms, Term(key, (wanted,))]


def _sample(found: QuerySet[Issue]) -> list[dict[str, Any]]:
    columns = [kind.column for kind in _KINDS]
    whose = ("assignee__username", "assigned_team__slug")
    return list(found.order_by("-last_seen_at", "-id").values("pk", *columns, *whose)[: SAMPLE + 1])


def _without(key: str, terms: Sequence[Term], rows: list[dict[str, Any]], find: Find) -> list[dict[str, Any]]:
    """Return the sample as it were without what the terms say of `key`."""
    if any(each.key == key for each in terms):
        return _sample(find([each for each in terms if each.key != key]))[:SAMPLE]
    return rows[:SAMPLE]


def _of_column(kind: _Kind, terms: Sequence[Term], rows: list[dict[str, Any]], find: Find) -> Facet:
    counts = Counter(str(row[kind.column]) for row in _without(kind.key, terms, rows, find))
    values = [
        _value(terms, kind.key, value, label, counts[value])
        for value, label in kind.labels.items()
        if counts[value] or _is_chosen(terms, kind.key, value)
    ]
    if kind.key == "category":
        values.sort(key=lambda each: -each.count)
    return Facet(kind.name, kind.key, values[: VALUES * 2])


def _of_assignees(terms: Sequence[Term], rows: list[dict[str, Any]], find: Find) -> Facet:
    counts = Counter(_whose(row) for row in _without("assigned", terms, rows, find))
    shown = counts.most_common(VALUES)
    labels = {"none": "Nobody"}
    values = [_value(terms, "assigned", value, labels.get(value, value), count) for value, count in shown]
    return Facet("Assignee", "assigned", values)


def _whose(row: dict[str, Any]) -> str:
    team = row["assigned_team__slug"]
    return f"#{team}" if team else str(row["assignee__username"] or "none")


def _of_tags(terms: Sequence[Term], ids: Sequence[int]) -> list[Facet]:
    """Return releases and environments, then the tags that most of the issues have."""
    further = _common_keys(ids[:PROBED])
    rows = TagCount.objects.filter(issue__in=ids[:TAG_SAMPLE], key__in=["release", "environment", *further])
    counts: dict[str, Counter[str]] = {}
    for key, value in rows.values_list("key", "value"):
        counts.setdefault(key, Counter())[value] += 1
    by_key = {key: [(issues, value) for value, issues in each.most_common(50)] for key, each in counts.items()}
    names = {"release": "Release", "environment": "Environment", **{key: key for key in further}}
    return [_of_tag(terms, name, key, by_key.get(key, [])) for key, name in names.items()]


def _common_keys(ids: Sequence[int]) -> list[str]:
    """Return the tags that most of these few issues have, those with so many values left out that none says much."""
    values = TagCount.objects.filter(issue__in=ids).values_list("issue", "key")
    counts = Counter(values)
    crowded = {key for (_, key), number in counts.items() if number > MOST_VALUES}
    met = Counter(key for _, key in counts if key not in crowded and key not in _NO_FACETS)
    return [key for key, _ in met.most_common(TAGS)]


def _of_tag(terms: Sequence[Term], name: str, key: str, counts: Sequence[tuple[int, str]]) -> Facet:
    shown = [(issues, value) for issues, value in counts if not value.startswith("<")][:VALUES]
    return Facet(name, key, [_value(terms, key, value, value, issues) for issues, value in shown])


def _value(terms: Sequence[Term], key: str, value: str, label: str, count: int) -> FacetValue:
    return FacetValue(label, count, _is_chosen(terms, key, value), toggled(terms, key, value))


def _is_chosen(terms: Sequence[Term], key: str, value: str) -> bool:
    return any(each.key == key and not each.is_negated and exactly(value) in each.values for each in terms)
