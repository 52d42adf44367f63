"""Which captures go for room: of each error the middle, never what a session or a bookmark holds."""

from datetime import timedelta
from typing import Any

import pytest

from debugging.contexts import thinning
from debugging.contexts.capturing import capture_error
from debugging.contexts.subjects import find_subject
from debugging.models import ErrorContext
from debugging.sessions.opening import open_session
from tests.debugging.builders import CAPTURE, NOW, store_event
from tests.errors.documents import make_event, make_exception
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.models import Bookmark, Issue
from tradewatch.errors.telling import NEWEST_KEPT, RICHEST_KEPT
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
TELLING = 1 + NEWEST_KEPT + RICHEST_KEPT


@pytest.fixture
def project() -> Project:
    return make_project()


def capture(project: Project, count: int, *, kind: str = "KeyError", **fields: Any) -> list[int]:
    """Store captures of one error an hour apart; return their keys, the oldest first."""
    body = CAPTURE | {"error": {"type": kind, "message": "'institutional'"}, **fields}
    moments = [NOW - timedelta(hours=hours) for hours in range(count, 0, -1)]
    return [capture_error(SYSTEM, project, body, now=at).pk for at in moments]


def left() -> set[int]:
    return set(ErrorContext.objects.values_list("pk", flat=True))


def thin(project: Project, **age: float) -> int:
    return sum(thinning.thin_contexts_before({project.pk: NOW - timedelta(**age)}))


def test_of_each_error_the_middle_goes_and_the_telling_stays(project: Project) -> None:
    loud, quiet = capture(project, 30), capture(project, 5, kind="QuietError")
    large = loud[12]
    ErrorContext.objects.filter(pk=large).update(data=b"x" * 5000)
    newer_release = capture(project, 30, release="oms@2")[-1]
    gone = thin(project, minutes=1)
    kept = left()
    assert {loud[0], large, newer_release, *loud[-NEWEST_KEPT + 5 :]} <= kept and set(quiet) <= kept
    assert gone == 65 - len(kept) and len(kept - set(quiet)) <= TELLING + 1
    assert thin(project, minutes=1) == 0


def test_what_is_younger_and_what_is_of_others_stays(project: Project) -> None:
    mine, others = capture(project, 40), capture(make_project("other"), 40)
    assert thin(project, hours=20.5) > 0
    assert set(mine[-20:]) | set(others) <= left()


def test_what_a_session_is_about_stays_and_one_that_begins_meanwhile_undoes_the_step(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = capture(project, 40)
    row = ErrorContext.objects.get(pk=keys[15])
    open_session(SYSTEM, find_subject([project.pk], row.error_id.hex), now=NOW)
    assert thinning._delete([keys[14], keys[15]]) == 0 and left() == set(keys)
    assert thin(project, minutes=1) > 0
    assert keys[15] in left()


def test_all_of_an_issue_that_is_bookmarked_stays_and_of_one_merged_into_it(project: Project) -> None:
    above, issue = (store_event(project=project, **make_event(make_exception(type=kind))).issue for kind in "AB")
    assert above != issue
    keys = capture(project, 40)
    ErrorContext.objects.update(issue=issue)
    Issue.objects.filter(pk=issue.pk).update(merged_into=above)
    mark = Bookmark.objects.create(user=make_user(), issue=above, created_at=NOW)
    assert thin(project, minutes=1) == 0 and left() == set(keys)
    mark.delete()
    assert thin(project, minutes=1, hours=1) > 0


def test_what_nothing_may_go_of_is_passed_over_within_the_hour(
    project: Project, django_assert_num_queries: Any
) -> None:
    capture(project, 40)
    before = {project.pk: NOW - timedelta(minutes=1)}
    assert sum(thinning.thin_contexts_before(before)) > 0
    assert list(thinning.thin_contexts_before(before)) == [0]
    with django_assert_num_queries(1):
        assert list(thinning.thin_contexts_before(before)) == []


def test_many_are_looked_at_in_portions(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "CONTEXTS_LOOKED_AT", 25)
    monkeypatch.setattr(thinning, "CONTEXTS_A_STEP", 4)
    keys = capture(project, 60)
    steps = list(thinning.thin_contexts_before({project.pk: NOW}))
    assert max(steps) == 4 and sum(steps) == 60 - len(left()) > 10
    assert {keys[0], keys[-1]} <= left()
