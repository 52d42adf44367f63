from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from tests.inbox.builders import queue_up
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.inbox.dead_letters import retry_all, retry_dead_letter
from tradewatch.inbox.digest import DigestStats, digest_batch
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.models import DeadLetter
from tradewatch.inbox.queries import backlog
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership, Project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]

BODY = b'{}\n{"type":"event"}\n{"n":1}\n'


class Picky:
    """Refuses everything until it is mended."""

    def __init__(self):
        self.is_mended = False
        self.arrivals, self.stored = [], []

    def prepare(self, item, arrival):
        if not self.is_mended:
            raise Unreadable("Not yet.")
        self.arrivals.append(arrival)
        return item.payload

    def store(self, drafts, *, now):
        self.stored += drafts


@pytest.fixture
def project():
    return Project.objects.create(name="Desk", slug="desk-8")


def make_letter(project, **values) -> DeadLetter:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    defaults = {"project_id": project.pk, "received_at": at, "failed_at": at, "reason": "r", "encoding": "identity"}
    return DeadLetter.objects.create(**(defaults | {"body": BODY, "body_bytes": len(BODY)} | values))


def person(project=None, role=Role.MANAGER, **values) -> Actor:
    user = User.objects.create(username=f"user-{User.objects.count()}", is_staff=True, **values)
    if project:
        Membership.objects.create(project=project, user=user, role=role)
    return Actor("user", user.pk, user.username)


def test_a_letter_is_digested_once_its_cause_is_mended(project):
    picky = Picky()
    queue_up(BODY, project_id=project.pk, received_at=1_700_000_000.5, address="203.0.113.9")
    assert digest_batch({"*": picky}).dead == 1
    letter = DeadLetter.objects.get()

    retry_dead_letter(person(project), letter)
    assert digest_batch({"*": picky}).dead == 1  # not mended yet: a second letter, nothing lost
    first, second = DeadLetter.objects.order_by("id")
    assert (first.state, second.state) == ("retried", "waiting")
    assert (first.body, first.address) == (None, "")

    picky.is_mended = True
    retry_dead_letter(person(project), second)
    assert digest_batch({"*": picky}) == DigestStats(rows=1, stored=1)
    assert picky.stored == [b'{"n":1}']
    assert (picky.arrivals[0].address, picky.arrivals[0].received_at.timestamp()) == ("203.0.113.9", 1_700_000_000.5)


def test_who_retried_what_is_on_record(project):
    letter, actor = make_letter(project), person(project)
    assert retry_dead_letter(actor, letter).state == "retried"
    entry = AuditEntry.objects.get(action="dead_letter.retry")
    assert (entry.actor_label, entry.object_id, entry.project_id) == (actor.label, str(letter.pk), project.pk)
    assert entry.changes == {"state": ["waiting", "retried"]}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER, None])
def test_only_managers_may(project, role):
    letter = make_letter(project)
    actor = person(project if role else None, role or Role.VIEWER)
    for attempt in (
        lambda: retry_dead_letter(actor, letter),
        lambda: retry_all(actor, DeadLetter.objects.all()),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert backlog().pending == 0
    assert DeadLetter.objects.get().state == "waiting"


def test_a_letter_of_no_project_is_for_superusers(project):
    letter = make_letter(project, project_id=None)
    with pytest.raises(NotAllowed):
        retry_dead_letter(person(project), letter)
    retry_dead_letter(person(is_superuser=True), letter)
    assert backlog().pending == 1


@pytest.mark.parametrize("values", [{"state": "retried"}, {"state": "expired", "body": None}])
def test_what_is_gone_cannot_be_retried(project, values):
    with pytest.raises(Conflict):
        retry_dead_letter(SYSTEM, make_letter(project, **values))
    assert backlog().pending == 0


def test_a_stale_page_does_not_retry_twice(project):
    letter = make_letter(project)
    retry_dead_letter(SYSTEM, letter)
    with pytest.raises(Conflict):
        retry_dead_letter(SYSTEM, letter)
    assert backlog().pending == 1


def test_retry_all_takes_what_waits(project):
    make_letter(project)
    make_letter(project, reason="other")
    make_letter(project, state="retried")
    assert retry_all(person(project), DeadLetter.objects.filter(reason="r")) == 1
    assert retry_all(person(project), DeadLetter.objects.all()) == 1
    assert retry_all(person(project), DeadLetter.objects.all()) == 0
    assert backlog().pending == 2
