"""Which series an event counts into. Simulated events count into none (`errors.simulated`)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from tradewatch.errors.drafts import Draft
from tradewatch.errors.families import NO_FAMILIES, Families
from tradewatch.errors.standings import Standing
from tradewatch.metrics.services import CountRow, UserRow, add_counts, add_users

EVENTS = "events"
BY_SEVERITY, BY_CATEGORY, BY_RELEASE = "events.severity.", "events.category.", "events.release."
OF_ISSUE, USERS_OF_ISSUE = "issue:", "issue.users:"


def count_events(
    drafts: Sequence[Draft],
    standings: Sequence[Standing],
    families: Families = NO_FAMILIES,
    *,
    new_users: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Add the events to their minute and hour buckets, and their users to the hour's.

    `new_users`: how many met an issue for the first time. They count where the first of its events of the batch did.
    """
    buckets = Counter(
        (draft.project_id, draft.facts.environment, series, draft.minute)
        for draft, standing in zip(drafts, standings, strict=True)
        for series in _series(draft, standing, families)
    )
    buckets.update(_users_of_issues(drafts, standings, families, new_users))
    add_counts([CountRow(*bucket, count=count, weighted=float(count)) for bucket, count in buckets.items()])
    users = {
        (draft.project_id, draft.facts.environment, draft.minute, str(draft.user_hash))
        for draft in drafts
        if draft.user_hash is not None
    }
    if users:
        add_users([UserRow(*user) for user in users])


def _users_of_issues(
    drafts: Sequence[Draft], standings: Sequence[Standing], families: Families, new_users: Mapping[int, int]
) -> dict[tuple[int, str, str, int], int]:
    first: dict[int, Draft] = {}
    for draft, standing in zip(drafts, standings, strict=True):
        for issue_id in (standing.id, *families.above.get(standing.id, ())):
            first.setdefault(issue_id, draft)
    return {
        (draft.project_id, draft.facts.environment, f"{USERS_OF_ISSUE}{issue_id}", draft.minute): new_users[issue_id]
        for issue_id, draft in first.items()
        if new_users.get(issue_id)
    }


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
