"""Which series an event counts into. Simulated events count like others; their issues carry the tag `simulated`."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tradewatch.errors.drafts import Draft
from tradewatch.errors.families import NO_FAMILIES, Families
from tradewatch.errors.standings import Standing
from tradewatch.metrics.services import CountRow, UserRow, add_counts, add_users

EVENTS = "events"
BY_SEVERITY, BY_CATEGORY, BY_RELEASE = "events.severity.", "events.category.", "events.release."
OF_ISSUE = "issue:"


def count_events(drafts: Sequence[Draft], standings: Sequence[Standing], families: Families = NO_FAMILIES) -> None:
    """Add the events to their minute and hour buckets, and their users to the hour's."""
    buckets = Counter(
        (draft.project_id, draft.facts.environment, series, draft.minute)
        for draft, standing in zip(drafts, standings, strict=True)
        for series in _series(draft, standing, families)
    )
    add_counts([CountRow(*bucket, count=count, weighted=float(count)) for bucket, count in buckets.items()])
    users = {
        (draft.project_id, draft.facts.environment, draft.minute, str(draft.user_hash))
        for draft in drafts
        if draft.user_hash is not None
    }
    if users:
        add_users([UserRow(*user) for user in users])


def issue_series_name(issue_id: int) -> str:
    return f"{OF_ISSUE}{issue_id}"


def _series(draft: Draft, standing: Standing, families: Families) -> Iterator[str]:
    """The category is the issue's, so that a category's number is the sum of its issues' numbers."""
    yield EVENTS
    yield BY_SEVERITY + draft.severity
    yield BY_CATEGORY + families.root_of(standing).category
    yield issue_series_name(standing.id)
    for issue_id in families.above.get(standing.id, ()):
        yield issue_series_name(issue_id)
    if draft.facts.release:
        yield BY_RELEASE + draft.facts.release
