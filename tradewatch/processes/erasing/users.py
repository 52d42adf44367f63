"""The exact counts of users, which hold hashes: the person's hash is replaced by a number that leads to nobody.

So the counts stay true, and nobody finds any more which issues the person met. What else a user was called serves
finding alone: those rows go, of the issues that the person met. Who has a name in common with them is counted on.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tradewatch.errors.drafting import identity_hashes
from tradewatch.errors.models import IssueUser, IssueUserAlias
from tradewatch.processes.erasing.columns import Walk
from tradewatch.processes.erasing.job import Job, place
from tradewatch.processes.erasing.person import Person

NAMES = ("id", "username", "email")  # not the address: others have it too
ALIASES = "errors.IssueUserAlias"


def remember(job: Job, users: Iterable[Mapping[str, Any]]) -> None:
    """Keep the hashes of what the person's records call them, apart those of names that are the person's."""
    for user in users:
        named = [(name, user[name]) for name in NAMES if user.get(name) not in (None, "")]
        own = [(name, value) for name, value in named if job.person.is_called(value)]
        job.hashes.update(*(identity_hashes(name, value) for name, value in named))
        job.own_hashes.update(*(identity_hashes(name, value) for name, value in own))


def hashes_of(person: Person) -> set[int]:
    named = [*(("id", each) for each in person.ids), *(("username", each) for each in person.ids)]
    named += [(name, each) for name in ("email", "username", "id") for each in person.emails]
    return {hashed for name, value in named for hashed in identity_hashes(name, value)}


def step(walk: Walk, job: Job, after: Any) -> None:
    """Do all of it at once: both are found by an index."""
    own = job.own_hashes | hashes_of(job.person)
    with transaction.atomic():
        met = _of_project(IssueUser.objects.filter(user_hash__in=own), job)
        aliases = _of_project(IssueUserAlias.objects.filter(alias_hash__in=own | job.hashes), job)
        issues = set(met.values_list("issue_id", flat=True)) | set(
            aliases.filter(alias_hash__in=own).values_list("issue_id", flat=True)
        )
        aliases = aliases.filter(issue_id__in=issues)
        _count(job, walk.label, met, job.found.changed)
        _count(job, ALIASES, aliases, job.found.deleted)
        if job.writes:
            aliases = IssueUserAlias.objects.filter(pk__in=list(aliases.values_list("pk", flat=True)))
            aliases.delete()
            for known in set(met.values_list("user_hash", flat=True)):
                met.filter(user_hash=known).update(user_hash=secrets.randbits(64) - (1 << 63))
            job.note()


def _of_project(rows: "QuerySet[Any]", job: Job) -> "QuerySet[Any]":
    return rows if job.project_id is None else rows.filter(issue__project_id=job.project_id)


def _count(job: Job, label: str, rows: "QuerySet[Any]", tally: "dict[str, int]") -> None:
    for project_id in rows.values_list("issue__project_id", flat=True):
        where = place(label, project_id)
        tally[where] = tally.get(where, 0) + 1
