"""Where one is logged in, and logging out from afar."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from tests.accounts.builders import is_in, log_in, make_verified_person
from tests.projects.builders import make_user
from tradewatch.accounts.gate import user_of
from tradewatch.accounts.models import SessionRecord
from tradewatch.accounts.records import key_hash
from tradewatch.accounts.services import end_session
from tradewatch.accounts.sessions import forget_old_sessions, open_sessions
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604.1"


def record_of(client: Client) -> SessionRecord:
    return SessionRecord.objects.get(key_hash=key_hash(client.cookies["sessionid"].value))


def test_the_page_lists_the_sessions_and_marks_this_one() -> None:
    make_user("ann", role=Role.VIEWER)
    make_user("bob", role=Role.VIEWER)
    here = log_in()
    log_in(agent=IPHONE)
    log_in("bob", agent="curl/8.5")
    page = here.get("/account").content.decode()
    assert "Firefox on Linux" in page and "Safari on iPhone" in page and "curl" not in page
    assert page.count("this one") == 1


def test_the_key_of_a_session_is_on_no_page_and_in_no_record() -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    key = here.cookies["sessionid"].value
    assert key not in here.get("/account").content.decode()
    assert key not in str(SessionRecord.objects.values().get())


def test_ending_one_logs_that_browser_out_at_once() -> None:
    make_user("ann", role=Role.VIEWER)
    here, phone = log_in(), log_in(agent=IPHONE)
    assert is_in(phone)
    assert here.post(f"/account/sessions/{record_of(phone).pk}/end").status_code == 302
    assert is_in(here) and not is_in(phone)
    assert AuditEntry.objects.get(action="session.end").actor_label == "ann"


def test_ending_all_others_leaves_this_one() -> None:
    make_user("ann", role=Role.VIEWER)
    here, others = log_in(), [log_in(agent=IPHONE), log_in()]
    here.post("/account/sessions/end-others")
    assert is_in(here)
    assert [is_in(other) for other in others] == [False, False]


def test_what_was_logged_out_of_or_replaced_is_listed_no_more() -> None:
    user = make_user("ann", role=Role.VIEWER)
    here = log_in()
    here.post("/admin/login/", {"username": "ann", "password": "pass-of-ann"})
    assert len(open_sessions(user, now=timezone.now())) == 1
    here.post("/admin/logout/")
    assert len(open_sessions(user, now=timezone.now())) == 0


def test_another_persons_session_is_not_found() -> None:
    make_user("ann", role=Role.VIEWER)
    make_user("bob", role=Role.MANAGER)
    ann, bob = log_in(), log_in("bob")
    assert bob.post(f"/account/sessions/{record_of(ann).pk}/end").status_code == 404
    assert is_in(ann)


def test_an_ended_session_logs_in_again_under_another_key() -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    SessionRecord.objects.update(ended_at=timezone.now())
    assert not is_in(here)
    here.post("/admin/login/", {"username": "ann", "password": "pass-of-ann"})
    assert is_in(here)


def replace_secret_key(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]


def test_a_session_outlives_a_new_secret_key_with_the_record_it_had(settings) -> None:  # type: ignore[no-untyped-def]
    _, seed = make_verified_person()
    here = log_in(seed=seed)
    key, record = here.cookies["sessionid"].value, record_of(here)
    replace_secret_key(settings)
    assert is_in(here)
    assert here.cookies["sessionid"].value != key
    assert record_of(here) == record and SessionRecord.objects.count() == 1


@pytest.mark.parametrize("is_row_left", [True, False])
def test_a_new_secret_key_revives_no_ended_session(settings, is_row_left: bool) -> None:  # type: ignore[no-untyped-def]
    _, seed = make_verified_person()
    here = log_in(seed=seed)
    if is_row_left:  # as where a request saved it again, or it was ended by a version that left it
        SessionRecord.objects.update(ended_at=timezone.now())
    else:
        end_session(SYSTEM, record_of(here), now=timezone.now())
    replace_secret_key(settings)
    assert not is_in(here)
    assert SessionRecord.objects.count() == 1
    assert not Session.objects.exists()


def test_of_two_requests_under_the_old_key_one_takes_the_record_along(settings) -> None:  # type: ignore[no-untyped-def]
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    requests = [request_of(here), request_of(here)]  # both have read the session before either gave it another key
    replace_secret_key(settings)
    assert [user_of(each).is_authenticated for each in requests] == [True, False]
    assert SessionRecord.objects.count() == 1


def request_of(client: Client) -> HttpRequest:
    request = HttpRequest()
    request.session = SessionStore(client.cookies["sessionid"].value)
    assert request.session["_auth_user_id"]
    return request


def test_an_ended_sessions_row_is_deleted_and_no_other() -> None:
    make_user("ann", role=Role.VIEWER)
    make_user("bob", role=Role.VIEWER)
    here, phone, _, _ = log_in(), log_in(agent=IPHONE), log_in(), log_in("bob")
    here.post(f"/account/sessions/{record_of(phone).pk}/end")
    assert Session.objects.count() == 3
    here.post("/account/sessions/end-others")
    assert Session.objects.count() == 2
    assert is_in(here)


def test_being_seen_is_noted_at_most_once_a_minute(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    seen_at = record_of(here).last_seen_at
    here.get("/account")
    assert record_of(here).last_seen_at == seen_at
    earlier = timezone.now() - timedelta(seconds=61)
    SessionRecord.objects.update(last_seen_at=earlier)
    here.get("/account")
    assert record_of(here).last_seen_at > earlier


def test_a_changed_password_ends_the_other_sessions() -> None:
    make_user("ann", role=Role.VIEWER)
    here, phone = log_in(), log_in(agent=IPHONE)
    fields = {"old_password": "pass-of-ann", "new_password1": "quite new 77", "new_password2": "quite new 77"}
    assert here.post("/account/password", fields).status_code == 302
    assert is_in(here) and not is_in(phone)
    assert SessionRecord.objects.filter(ended_at=None).count() == 1
    assert "quite new" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("old", "new", "fault"), [("wrong", "quite new 77", "incorrect"), ("pass-of-ann", "short", "too short")]
)
def test_a_bad_password_is_refused_beside_its_field(old: str, new: str, fault: str) -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    answer = here.post("/account/password", {"old_password": old, "new_password1": new, "new_password2": new})
    assert answer.status_code == 400 and fault in answer.content.decode()


def test_a_profile_changes_nothing_but_the_profile() -> None:
    user = make_user("ann", role=Role.VIEWER)
    here = log_in()
    fields = {"first_name": "Ann", "last_name": "Lee", "email": "ann@desk.example", "password": "pass-of-ann"}
    here.post("/account/profile", fields | {"is_superuser": "on", "username": "root", "is_staff": ""})
    user.refresh_from_db()
    assert (user.first_name, user.email, user.is_superuser, user.username) == ("Ann", "ann@desk.example", False, "ann")
    assert AuditEntry.objects.get(action="user.change").changes["email"] == ["", "ann@desk.example"]


def test_old_sessions_are_forgotten_and_ended_ones_stay_ended(settings) -> None:  # type: ignore[no-untyped-def]
    user = make_user("ann", role=Role.VIEWER)
    here = log_in()
    now, age = timezone.now(), timedelta(seconds=settings.SESSION_COOKIE_AGE)
    SessionRecord.objects.update(ended_at=now, last_seen_at=now)
    assert forget_old_sessions(now=now + age) == 0
    assert not open_sessions(user, now=now)
    assert forget_old_sessions(now=now + 2 * age + timedelta(seconds=1)) == 1
    assert not Session.objects.exists()
    assert not is_in(here)
