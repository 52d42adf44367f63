"""Finds the issue of each draft by its hashes, and opens those that are new. Runs in the batch's transaction."""

from collections.abc import Iterable, Mapping, Sequence, Set

from django.db.models import Max

from tradewatch.core import bulk
from tradewatch.errors.choices import IssueState
from tradewatch.errors.drafts import Draft, ReleaseKey
from tradewatch.errors.models import ClassificationRule, Issue, IssueHash
from tradewatch.errors.priorities import priority_of
from tradewatch.errors.standings import Standing, read_standings
from tradewatch.projects.models import Project
from tradewatch.projects.sightings import SeenRelease

HashKey = tuple[int, str]  # project id, hash
_Opened = int  # how many issues this batch opened before: stands for an issue without an id yet


def find_or_open_issues(drafts: Sequence[Draft], releases: Mapping[ReleaseKey, SeenRelease]) -> Sequence[Standing]:
    """Return the issue of each draft, in the order of the drafts. Hashes that were new now lead to their issue."""
    known = _known_hashes(_hashes(drafts))
    homeless = [
        draft for draft in drafts if not any((draft.project_id, hash_) in known for hash_ in draft.grouping.hashes)
    ]
    if homeless:
        # One digest at a time opens issues of a project; whoever waited looks again at what the other has opened.
        list(
            Project.objects.select_for_update(no_key=True)
            .filter(pk__in={draft.project_id for draft in homeless})
            .order_by("pk")
            .values_list("pk")
        )
        known |= _known_hashes(_hashes(homeless))
    return _Placement(drafts, known).write(releases)


class _Placement:
    """Walks the drafts once: each goes to the issue of its first known hash, else opens one that later drafts join."""

    def __init__(self, drafts: Sequence[Draft], known: Mapping[HashKey, int]) -> None:
        self._drafts = drafts
        self._known = known
        self._founders: list[Draft] = []  # the first draft of each issue to open
        self._joined: dict[HashKey, tuple[int | None, _Opened]] = {}  # new hash -> issue id, or place in founders
        self._versions: dict[HashKey, int] = {}
        self._places = [self._place(draft) for draft in drafts]

    def _place(self, draft: Draft) -> tuple[int | None, _Opened]:
        keys = [(draft.project_id, hash_) for hash_ in draft.grouping.hashes]
        place = next((found for key in keys if (found := self._lookup(key))), None)
        if place is None:
            place = (None, len(self._founders))
            self._founders.append(draft)
        for key in keys:
            if key not in self._known and key not in self._joined:
                self._joined[key] = place
                self._versions[key] = draft.grouping.hashes[key[1]]
        return place

    def _lookup(self, key: HashKey) -> tuple[int | None, _Opened] | None:
        issue_id = self._known.get(key)
        return (issue_id, 0) if issue_id is not None else self._joined.get(key)

    def write(self, releases: Mapping[ReleaseKey, SeenRelease]) -> Sequence[Standing]:
        standings = read_standings({issue_id for issue_id, _ in self._places if issue_id is not None})
        opened = _open_issues(self._founders, releases)
        bulk.insert_new(
            "errors_issuehash",
            ("project_id", "hash", "issue_id", "version"),
            ("project_id", "hash"),
            [
                (*key, opened[at].id if issue_id is None else issue_id, self._versions[key])
                for key, (issue_id, at) in self._joined.items()
            ],
        )
        return [opened[at] if issue_id is None else standings[issue_id] for issue_id, at in self._places]


def _open_issues(founders: Sequence[Draft], releases: Mapping[ReleaseKey, SeenRelease]) -> Sequence[Standing]:
    """Insert one issue for each draft, with counters at zero; the count of the batch comes last."""
    projects = {draft.project_id for draft in founders}
    last_numbers = dict(
        Issue.objects.filter(project__in=projects).values_list("project_id").annotate(last=Max("number")).order_by()
    )
    numbers = []
    for draft in founders:
        last_numbers[draft.project_id] = number = (last_numbers.get(draft.project_id) or 0) + 1
        numbers.append(number)
    rules = _rules_still_there(founders)
    rows = [
        _issue_row(draft, number, releases.get(draft.release_key), rules)
        for draft, number in zip(founders, numbers, strict=True)
    ]
    ids = bulk.insert_new_ids("errors_issue", _ISSUE_COLUMNS, ("project_id", "number"), rows)
    return [
        Standing(
            id=ids[draft.project_id, number],
            project_id=draft.project_id,
            number=number,
            title=draft.facts.title,
            state=IssueState.UNRESOLVED.value,
            severity=draft.severity,
            category=draft.classification.category,
            last_release=release.order if (release := releases.get(draft.release_key)) else None,
            is_new=True,
            priority=priority_of(draft.severity, draft.classification.category).value,
        )
        for draft, number in zip(founders, numbers, strict=True)
    ]


_ISSUE_COLUMNS = (
    *("project_id", "number", "exception_type", "title", "message", "culprit", "severity", "category"),
    *("classified_by_id", "classified_why", "state", "resolves_in_next_release", "is_regressed"),
    *("grouped_why", "priority", "priority_why", "priority_by", "has_members"),
    *("event_count", "dropped_count", "user_count"),
    *("first_seen_at", "last_seen_at", "first_release_id", "last_release_id"),
)


def _rules_still_there(founders: Sequence[Draft]) -> Set[int]:
    """Return the ids of the rules that may be named: one deleted since `prepare` must not cost the batch."""
    named = {rule_id for draft in founders if (rule_id := draft.classification.rule_id) is not None}
    rules = ClassificationRule.objects.select_for_update(no_key=True).filter(pk__in=named)
    return set(rules.order_by("pk").values_list("pk", flat=True)) if named else set()


def _issue_row(draft: Draft, number: int, release: SeenRelease | None, rules: Set[int]) -> tuple[object, ...]:
    facts, classification = draft.facts, draft.classification
    priority = priority_of(draft.severity, classification.category)
    release_id = release.id if release else None
    rule_id = classification.rule_id if classification.rule_id in rules else None
    return (
        *(draft.project_id, number, facts.exception_type, facts.title, facts.message, facts.culprit),
        *(draft.severity, classification.category, rule_id, classification.why),
        *(IssueState.UNRESOLVED.value, False, False),
        *(draft.grouped_why, priority.value, priority.why, "", False),
        *(0, 0, 0),
        *(draft.timestamp, draft.timestamp, release_id, release_id),
    )


def _hashes(drafts: Iterable[Draft]) -> set[HashKey]:
    return {(draft.project_id, hash_) for draft in drafts for hash_ in draft.grouping.hashes}


def _known_hashes(keys: set[HashKey]) -> dict[HashKey, int]:
    projects, hashes = {project_id for project_id, _ in keys}, {hash_ for _, hash_ in keys}
    rows = IssueHash.objects.filter(project__in=projects, hash__in=hashes).values_list("project_id", "hash", "issue_id")
    return {(project_id, hash_): issue_id for project_id, hash_, issue_id in rows}
