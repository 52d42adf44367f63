"""Counts the tag values of each issue, at most about `VALUES_KEPT` a key: what comes above goes to one `<other>`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count

from tradewatch.core import bulk
from tradewatch.errors.drafts import Draft
from tradewatch.errors.models import TagCount

VALUES_KEPT = 500
OTHER = "<other>"
_REMEMBERED_KEYS = 100_000

IssueKey = tuple[int, str]  # issue id, tag key
Tally = tuple[int, datetime]  # count, last seen


class ValueCounts:
    """How many values each (issue, key) has at most: read once, then guessed upwards batch by batch.

    Counting the rows again for each batch would cost more than writing them. A guess that reaches the cap is read
    again; so digests that run side by side may go over the cap by what each adds in between.
    """

    def __init__(self) -> None:
        self._at_most: dict[IssueKey, int] = {}
        self._issues: set[int] = set()

    def full_keys(self, new_values: Mapping[IssueKey, int]) -> set[IssueKey]:
        """Return the keys that have no room for `new_values` more, some of which may in truth be known ones."""
        if len(self._at_most) > _REMEMBERED_KEYS:
            self._at_most.clear()
        self._read([key for key in new_values if key not in self._at_most])
        self._read([key for key, more in new_values.items() if self._at_most[key] + more > VALUES_KEPT])
        full = {key for key, more in new_values.items() if self._at_most[key] + more > VALUES_KEPT}
        for key in new_values.keys() - full:
            self._at_most[key] += new_values[key]
        return full

    def _read(self, keys: Sequence[IssueKey]) -> None:
        if keys:
            rows = TagCount.objects.filter(issue__in={issue_id for issue_id, _ in keys}).values_list("issue_id", "key")
            counted = {(issue_id, key): count for issue_id, key, count in rows.annotate(values=Count("id"))}
            self._at_most.update({key: counted.get(key, 0) for key in keys})


_value_counts = ValueCounts()


def count_tags(
    drafts: Sequence[Draft],
    issue_ids: Sequence[int],
    *,
    above: Mapping[int, Sequence[int]] | None = None,
    counts: ValueCounts = _value_counts,
) -> None:
    """Add the tags of `drafts` to their issues' counts, and to those of the issues `above` a merged one.

    There a value counts by the name that it has below, `<other>` or its own: so that it can be taken out again.
    """
    tallies = _tallies(drafts, issue_ids)
    new_values: dict[IssueKey, int] = {}
    for issue_id, key, _ in tallies:
        new_values[issue_id, key] = new_values.get((issue_id, key), 0) + 1
    full = counts.full_keys(new_values)
    known = _known_values(full, tallies) if full else set()
    rows = [
        (issue_id, key, value if (issue_id, key) not in full or (issue_id, key, value) in known else OTHER, *tally)
        for (issue_id, key, value), tally in tallies.items()
    ]
    if above:
        rows += [(issue_id, *row[1:]) for row in rows for issue_id in above.get(row[0], ())]
    bulk.add_up("errors_tagcount", ("issue_id", "key", "value"), ("count",), rows, latest=("last_seen_at",))


def _tallies(drafts: Sequence[Draft], issue_ids: Sequence[int]) -> dict[tuple[int, str, str], Tally]:
    tallies: dict[tuple[int, str, str], Tally] = {}
    for draft, issue_id in zip(drafts, issue_ids, strict=True):
        seen_at = draft.timestamp
        for key, value in draft.facts.tags.items():
            tally = tallies.get((issue_id, key, value))
            if tally is None:
                tallies[issue_id, key, value] = (1, seen_at)
            else:
                tallies[issue_id, key, value] = (tally[0] + 1, max(tally[1], seen_at))
    return tallies


def _known_values(full: set[IssueKey], tallies: Mapping[tuple[int, str, str], Tally]) -> set[tuple[int, str, str]]:
    wanted = [place for place in tallies if place[:2] in full]
    rows = TagCount.objects.filter(
        issue__in={issue_id for issue_id, _ in full},
        key__in={key for _, key in full},
        value__in={value for _, _, value in wanted},
    )
    return set(rows.values_list("issue_id", "key", "value"))
