"""Simulated events (`inbox.simulating`): grouped and stored like others, and in no count, chart, state or release.

Where no issue has their hash they get one that is simulated itself, under hashes that no real event has: the first
real one still opens an issue of its own, and is news. What alerts would have been told is handed to them, marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import md5

from django.db import transaction
from django.db.models import Max

from alerts.choices import Simulated
from alerts.observe import Occurrence, record_occurrences
from tradewatch.core.live import push
from tradewatch.errors.choices import IssueState
from tradewatch.errors.drafts import Draft, ReleaseKey
from tradewatch.errors.families import read_families
from tradewatch.errors.inserting import Placed, insert_events
from tradewatch.errors.models import Issue, IssueHash
from tradewatch.errors.moves import Tally, why_open_again
from tradewatch.errors.news import news_of, simulated_news
from tradewatch.errors.priorities import priority_of
from tradewatch.errors.standings import Standing, read_standings
from tradewatch.projects.models import Project, Release
from tradewatch.projects.releases import ReleaseOrder, order_key
from tradewatch.projects.sightings import SeenRelease


def store_simulated(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Insert events that are not stored yet, and hand on what would have been news. In the batch's transaction."""
    for draft in drafts:
        home, is_known = _home_of(draft)
        seen = _release_of(draft, now=now)
        if not insert_events([Placed(draft, home, is_stored=True)], {k: r for k, r in seen.items() if r.id}):
            continue
        families = read_families([home])
        root = replace(families.root_of(home), is_new=not is_known)
        record_occurrences(list(_news(root, draft, seen, now=now)))
        transaction.on_commit(partial(push, "errors", draft.project_id))


def home_of_hashes(project_id: int, hashes: Sequence[str]) -> Issue | None:
    """Return the issue to which an event with these hashes goes when it is simulated; None: one would be opened."""
    names = [*hashes, *map(_simulated_hash, hashes)]
    rows = IssueHash.objects.filter(project=project_id, hash__in=names).select_related("issue")
    known = {row.hash: row.issue for row in rows}
    return next((known[each] for each in names if each in known), None)


def _home_of(draft: Draft) -> tuple[Standing, bool]:
    """Return the draft's issue, and whether real events have made it."""
    hashes = list(draft.grouping.hashes)
    found = home_of_hashes(draft.project_id, hashes)
    if found is None:
        # One digest at a time opens issues of a project.
        list(Project.objects.select_for_update(no_key=True).filter(pk=draft.project_id).values_list("pk"))
        found = home_of_hashes(draft.project_id, hashes) or _open(draft)
    return read_standings({found.pk})[found.pk], not found.is_simulated


def _open(draft: Draft) -> Issue:
    facts, classification = draft.facts, draft.classification
    last = Issue.objects.filter(project=draft.project_id).aggregate(last=Max("number"))["last"] or 0
    priority = priority_of(draft.severity, classification.category)
    issue = Issue.objects.create(
        project_id=draft.project_id,
        number=last + 1,
        exception_type=facts.exception_type,
        title=facts.title,
        message=facts.message,
        culprit=facts.culprit,
        severity=draft.severity,
        category=classification.category,
        classified_why=classification.why,
        grouped_why=draft.grouped_why,
        priority=priority.value,
        priority_why=priority.why,
        state=IssueState.IGNORED,  # nobody is to work on it
        is_simulated=True,
        first_seen_at=draft.timestamp,
        last_seen_at=draft.timestamp,
    )
    IssueHash.objects.bulk_create(
        (
            IssueHash(project_id=draft.project_id, issue=issue, hash=_simulated_hash(hash_), version=version)
            for hash_, version in draft.grouping.hashes.items()
        ),
        ignore_conflicts=True,
    )
    return issue


def _simulated_hash(hash_: str) -> str:
    return md5(f"simulated:{hash_}".encode(), usedforsecurity=False).hexdigest()


def _release_of(draft: Draft, *, now: datetime) -> dict[ReleaseKey, SeenRelease]:
    """Return the draft's release. One that no real event has named has no row, and gets none: its id is 0."""
    version = draft.facts.release
    if not version:
        return {}
    row = Release.objects.filter(project=draft.project_id, version=version).first()
    order = ReleaseOrder(version, order_key(version), row.first_seen_at if row else now)
    return {draft.release_key: SeenRelease(row.pk if row else 0, order)}


def _news(root: Standing, draft: Draft, seen: dict[ReleaseKey, SeenRelease], *, now: datetime) -> Iterator[Occurrence]:
    """Yield what would be news, and last that the event came: what the rules have to say is asked of that too."""
    tally = Tally(root, [draft], dropped=0, new_users=0)
    back_because = "" if root.is_new else why_open_again(tally, seen, now=now)
    is_silent = root.state == IssueState.IGNORED and not back_because and not root.is_new
    news = [*news_of(root, [draft], back_because=back_because, is_silent=is_silent, now=now)]
    came = simulated_news(root, draft, why=_why(root, draft, back_because), now=now)
    mode = Simulated.TOLD if draft.notifies else Simulated.HELD
    for each in [*news, came]:
        yield replace(each, fingerprint=came.fingerprint, link=came.link, simulated=mode)


def _why(root: Standing, draft: Draft, back_because: str) -> str:
    """Say what the event is to its issue: the reason of a rule that has nothing to judge."""
    if root.is_new:
        known = "No issue has its fingerprint: it is new"
    elif back_because:
        known = f"It joins #{root.number}, which {back_because}"
    else:
        known = (
            f"It joins #{root.number}, which is {root.state} and has {root.event_count:,} events: neither new nor back"
        )
    silent = ", and an ignored issue makes no news" if root.state == IssueState.IGNORED and not root.is_new else ""
    return f"{known}{silent}. Its severity is {draft.severity}."
