"""Stores a batch of drafts: each event once, its issue, and every count that it moves, in the caller's transaction.

Counters come last and in the order of their keys: the locks on them are short, and two digests never wait in a circle.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from alerts.observe import record_occurrences
from tradewatch.core import bulk
from tradewatch.core.live import push
from tradewatch.errors import rollups
from tradewatch.errors.drafts import Draft, ReleaseKey
from tradewatch.errors.families import Families, hold_families, read_families
from tradewatch.errors.inserting import Placed, insert_events
from tradewatch.errors.models import Event, IssueUser
from tradewatch.errors.moves import Tally, move_issues
from tradewatch.errors.opening import find_or_open_issues
from tradewatch.errors.simulated import store_simulated
from tradewatch.errors.spikes import above_the_limit
from tradewatch.errors.standings import Standing
from tradewatch.errors.tagging import count_tags
from tradewatch.projects.sightings import SeenRelease, see_environments, see_releases, see_sightings

EventKey = tuple[int, UUID]  # project id, event id


def store_drafts(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Insert the events that are new and count them. An event seen before changes nothing."""
    unseen = _unseen(drafts)
    if not unseen:
        return
    hold_families(draft.project_id for draft in unseen)
    store_simulated([draft for draft in unseen if draft.is_simulated], now=now)
    if fresh := [draft for draft in unseen if not draft.is_simulated]:
        _store(fresh, now=now)


def _store(fresh: Sequence[Draft], *, now: datetime) -> None:
    releases = see_releases((draft.release_key for draft in fresh), now=now)
    see_environments(((draft.project_id, draft.facts.environment) for draft in fresh), now=now)
    see_sightings(_places(fresh, releases), now=now)
    standings = find_or_open_issues(fresh, releases)
    families = read_families(standings)
    placed = insert_events(_within_limits(fresh, standings, families), releases)
    if placed:
        _count(placed, families, releases, now=now)


def _places(drafts: Sequence[Draft], releases: Mapping[ReleaseKey, SeenRelease]) -> Iterator[tuple[int, str]]:
    for draft in drafts:
        if draft.release_key in releases:
            yield releases[draft.release_key].id, draft.facts.environment


def _unseen(drafts: Sequence[Draft]) -> list[Draft]:
    """Return one draft for each event id that is not stored yet.

    Looked up before any issue is opened: a repeated id with other content must not leave an empty issue behind.
    """
    by_key: dict[EventKey, Draft] = {}
    for draft in drafts:
        by_key.setdefault((draft.project_id, draft.event_id), draft)
    stored = set(
        Event.objects.filter(
            project__in={project_id for project_id, _ in by_key}, event_id__in=[event_id for _, event_id in by_key]
        ).values_list("project_id", "event_id")
    )
    return [draft for key, draft in by_key.items() if key not in stored]


def _within_limits(drafts: Sequence[Draft], standings: Sequence[Standing], families: Families) -> list[Placed]:
    above = above_the_limit(drafts, [families.root_of(standing).id for standing in standings])
    return [
        Placed(draft, standing, is_stored=at not in above)
        for at, (draft, standing) in enumerate(zip(drafts, standings, strict=True))
    ]


def _count(
    placed: Sequence[Placed], families: Families, releases: Mapping[ReleaseKey, SeenRelease], *, now: datetime
) -> None:
    drafts, issue_ids = [each.draft for each in placed], [each.standing.id for each in placed]
    new_users = _meet_users(drafts, issue_ids, families)
    count_tags(drafts, issue_ids, above=families.above)
    rollups.count_events(drafts, [each.standing for each in placed], families, new_users=new_users)
    record_occurrences(move_issues(_tally(placed, new_users, families), releases, now=now))
    for project_id in {draft.project_id for draft in drafts}:
        transaction.on_commit(partial(push, "errors", project_id))


def _meet_users(drafts: Sequence[Draft], issue_ids: Sequence[int], families: Families) -> Mapping[int, int]:
    """Write which users met which issue; return {issue id: users it had not met before}.

    Rows say whom an issue's own events met. For one with members it is asked before whom the whole family knows.
    """
    pairs = {
        (issue_id, draft.user_hash)
        for draft, issue_id in zip(drafts, issue_ids, strict=True)
        if draft.user_hash is not None
    }
    known = _known_to(families, {user for _, user in pairs})
    columns = ("issue_id", "user_hash")
    _remember_aliases(drafts, issue_ids)
    new = Counter(issue_id for issue_id, _ in bulk.insert_new("errors_issueuser", columns, columns, sorted(pairs)))
    for issue_id, below in families.below.items():
        met = {user for home, user in pairs if home in below}
        new[issue_id] = len(met - {user for home, user in known if home in below})
    return new


def _known_to(families: Families, users: set[int]) -> set[tuple[int, int]]:
    if not families.below or not users:
        return set()
    members = frozenset[int]().union(*families.below.values())
    return set(IssueUser.objects.filter(issue__in=members, user_hash__in=users).values_list("issue_id", "user_hash"))


def _remember_aliases(drafts: Sequence[Draft], issue_ids: Sequence[int]) -> None:
    """Write what else the users are called: they are found by mail, though they are counted by id."""
    pairs = {
        (issue_id, alias) for draft, issue_id in zip(drafts, issue_ids, strict=True) for alias in draft.user_hashes[1:]
    }
    columns = ("issue_id", "alias_hash")
    bulk.insert_new("errors_issueuseralias", columns, columns, sorted(pairs))


def _tally(placed: Sequence[Placed], new_users: Mapping[int, int], families: Families) -> Sequence[Tally]:
    by_issue: dict[int, list[Placed]] = defaultdict(list)
    standings: dict[int, Standing] = {}
    for each in placed:
        standings[each.standing.id] = each.standing
        by_issue[each.standing.id].append(each)
        for issue_id in families.above.get(each.standing.id, ()):
            standings[issue_id] = families.standings[issue_id]
            by_issue[issue_id].append(each)
    return [
        Tally(
            standing=standings[issue_id],
            drafts=[each.draft for each in group],
            dropped=sum(not each.is_stored for each in group),
            new_users=new_users.get(issue_id, 0),
        )
        for issue_id, group in sorted(by_issue.items())
    ]
