from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from releases.details.asked import Told
from releases.details.queries import archived, shown
from releases.details.services import (
    archive_release,
    change_release,
    create_release,
    delete_release,
    finalise_release,
    reopen_release,
    restore_release,
)
from releases.models import Deployment, ReleaseDetail
from tests.admin.builders import make_issue
from tests.projects.builders import make_project, make_user
from tests.releases.builders import NOW, make_deployment, see
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def person(user: User) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.username)


def make_release(version: str = "oms@2.0.1", *, actor: Actor = SYSTEM) -> Release:
    return create_release(actor, make_project(), Told(version), now=NOW).detail.release


def actions() -> list[str]:
    rows = AuditEntry.objects.filter(object_type="projects.release").order_by("id")
    return list(rows.values_list("action", flat=True))


def test_a_release_is_told_of_before_any_client_names_it() -> None:
    made = create_release(SYSTEM, make_project(), Told("oms@2.0.1", "main", "https://ci.example/1"), now=NOW)
    assert (made.is_new, made.detail.ref, made.detail.url) == (True, "main", "https://ci.example/1")
    assert made.detail.release.order_key and not made.detail.release.sightings.exists()
    again = create_release(SYSTEM, make_project(), Told("oms@2.0.1", url="https://ci.example/2"), now=LATER)
    assert not again.is_new
    assert (again.detail.created_at, again.detail.ref, again.detail.url) == (NOW, "main", "https://ci.example/2")
    assert actions() == ["release.create", "release.change", "release.change"]
    assert Release.objects.count() == ReleaseDetail.objects.count() == 1


def test_what_clients_showed_is_told_of_too() -> None:
    see("oms@2.0.1", at=NOW)
    made = create_release(SYSTEM, make_project(), Told("oms@2.0.1"), now=LATER)
    assert made.is_new and made.detail.release.first_seen_at == NOW


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (Told(""), "version"),
        (Told(".."), "version"),
        (Told("--upload-pack=x"), "version"),
        (Told("a/b"), "version"),
        (Told("a\x00"), "version"),
        (Told("9" * 10_240), "version"),
        (Told("1.0", ref="--exec=x"), "ref"),
        (Told("1.0", ref="a..b"), "ref"),
        (Told("1.0", url="javascript:alert(1)"), "url"),
        (Told("1.0", finalised_at=LATER), "finalised_at"),
    ],
)
def test_what_is_wrong_is_refused_by_field(told: Told, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_release(SYSTEM, make_project(), told, now=NOW)
    assert list(refused.value.errors) == [field]
    assert not Release.objects.exists()


def test_the_first_end_holds_until_it_is_taken_back() -> None:
    release = make_release()
    assert finalise_release(SYSTEM, release, now=NOW).finalised_at == NOW
    assert finalise_release(SYSTEM, release, at=NOW - timedelta(days=1), now=LATER).finalised_at == NOW
    assert reopen_release(SYSTEM, release, now=LATER).finalised_at is None
    assert reopen_release(SYSTEM, release, now=LATER).finalised_at is None
    assert finalise_release(SYSTEM, release, now=LATER).finalised_at == LATER
    assert actions() == ["release.create", "release.finalise", "release.reopen", "release.finalise"]


def test_an_archived_release_is_left_out_until_it_is_restored() -> None:
    release, other = make_release("1.0"), make_release("2.0")
    see("3.0", at=NOW)
    assert archive_release(SYSTEM, release, now=NOW).archived_at == NOW
    archive_release(SYSTEM, release, now=LATER)
    see("1.0", at=LATER)  # a straggler still sends
    rows = Release.objects.order_by("version")
    assert [row.version for row in shown(rows)] == [other.version, "3.0"]
    assert list(archived(rows)) == [release]
    assert restore_release(SYSTEM, release, now=LATER).archived_at is None
    restore_release(SYSTEM, release, now=LATER)
    assert list(archived(rows)) == [] and shown(rows).count() == 3
    assert actions().count("release.archive") == actions().count("release.restore") == 1


def test_a_change_keeps_what_is_not_said() -> None:
    release = make_release()
    change_release(SYSTEM, release, ref="main", now=NOW)
    assert change_release(SYSTEM, release, url="https://ci.example/2", now=NOW).ref == "main"
    with pytest.raises(Invalid) as refused:
        change_release(SYSTEM, release, url="ftp://x", now=NOW)
    assert list(refused.value.errors) == ["url"]


def test_a_deleted_release_leaves_its_deployments() -> None:
    release = make_release()
    make_deployment("oms@2.0.1")
    delete_release(SYSTEM, release)
    assert not Release.objects.exists() and not ReleaseDetail.objects.exists()
    assert Deployment.objects.get().version == "oms@2.0.1"
    assert AuditEntry.objects.get(action="release.delete").object_label == "oms@2.0.1"


def test_what_clients_sent_keeps_its_release() -> None:
    seen, named = make_release("1.0"), make_release("2.0")
    see("1.0", at=NOW)
    issue = make_issue(make_project())
    issue.resolved_in_release = named
    issue.save()
    for release, words in ((seen, "clients sent data"), (named, "issues name it")):
        with pytest.raises(Conflict, match=f"release {release.version} cannot be deleted: {words}"):
            delete_release(SYSTEM, release)
    assert Release.objects.count() == 2


def test_who_may_do_what() -> None:
    release = make_release()
    viewer, responder, manager = (person(make_user(role, role=role)) for role in Role)
    stranger = person(make_user("eve", role=Role.MANAGER, project=make_project("other")))
    for actor in (viewer, stranger):
        for act in (finalise_release, reopen_release, archive_release, restore_release, change_release):
            with pytest.raises(NotAllowed):
                act(actor, release, now=NOW)
        with pytest.raises(NotAllowed):
            create_release(actor, make_project(), Told("9"), now=NOW)
    for actor in (viewer, stranger, responder):
        with pytest.raises(NotAllowed):
            delete_release(actor, release)
    assert archive_release(responder, release, now=NOW).archived_at == NOW
    delete_release(manager, release)
    assert not Release.objects.exists()
