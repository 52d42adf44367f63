"""Password, then code: what opens, what does not, and that every door asks the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.accounts.builders import (
    RECOVERY,
    code_of,
    give_code,
    give_password,
    is_in,
    log_in,
    make_verified_person,
)
from tests.projects.builders import bearer, make_user
from tradewatch.accounts.codes import key_words
from tradewatch.accounts.models import Authenticator, SessionRecord
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def test_a_password_alone_opens_nothing_where_there_is_a_second_factor(client: Client) -> None:
    make_verified_person()
    answer = give_password(client)
    assert (answer.status_code, answer["Location"]) == (302, "/login/code")
    assert not is_in(client)
    assert client.get("/login/code").status_code == 200


def test_the_code_opens_and_leads_to_where_one_was_going(client: Client) -> None:
    _, seed = make_verified_person()
    give_password(client, next="/issues?project=default")
    answer = give_code(client, code_of(seed))
    assert (answer.status_code, answer["Location"]) == (302, "/issues?project=default")
    assert is_in(client)


def test_a_code_opens_once(client: Client) -> None:
    _, seed = make_verified_person()
    code = code_of(seed)
    give_password(client)
    give_code(client, code)
    other = Client()
    give_password(other)
    assert "was used already" in give_code(other, code).content.decode()
    assert not is_in(other)


def test_a_recovery_code_opens_once(client: Client) -> None:
    make_verified_person()
    give_password(client)
    assert give_code(client, RECOVERY.upper().replace("-", " ")).status_code == 302
    assert is_in(client)
    other = Client()
    give_password(other)
    assert give_code(other, RECOVERY).status_code == 200
    assert not is_in(other)


def test_after_five_wrong_codes_the_right_one_waits(client: Client) -> None:
    _, seed = make_verified_person()
    give_password(client)
    for _ in range(5):
        assert "Is wrong" in give_code(client, "000000").content.decode()
    assert "too many were wrong" in give_code(client, code_of(seed)).content.decode().lower()
    assert not is_in(client)
    Authenticator.objects.update(last_failed_at=timezone.now() - timedelta(seconds=31))
    assert give_code(client, code_of(seed)).status_code == 302
    assert Authenticator.objects.get().failures == 0


def test_the_pause_is_the_accounts_not_the_browsers(client: Client) -> None:
    _, seed = make_verified_person()
    give_password(client)
    for _ in range(5):
        give_code(client, "000000")
    assert not is_in(log_in(seed=seed))


def test_a_code_without_a_password_leads_back_to_the_login(client: Client) -> None:
    _, seed = make_verified_person()
    answer = give_code(client, code_of(seed))
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/")
    assert Authenticator.objects.get().last_used_at is None


def test_the_time_between_password_and_code_is_bounded(client: Client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    _, seed = make_verified_person()
    give_password(client)
    monkeypatch.setattr("tradewatch.accounts.logging_in.PENDING_SECONDS", -1)
    assert give_code(client, code_of(seed))["Location"] == "/admin/login/"
    assert not is_in(client)


def test_a_password_changed_between_the_steps_ends_them(client: Client) -> None:
    user, seed = make_verified_person()
    give_password(client)
    user.set_password("another 7")
    user.save()
    assert give_code(client, code_of(seed))["Location"] == "/admin/login/"


def test_a_session_from_before_the_factor_is_a_strangers(client: Client) -> None:
    user, _ = make_verified_person()
    client.force_login(user)
    assert not is_in(client)


def test_a_factor_set_up_anew_asks_every_session_again() -> None:
    _, seed = make_verified_person()
    client = log_in(seed=seed)
    assert is_in(client)
    factor = Authenticator.objects.get()
    Authenticator.objects.all().delete()
    factor.pk = None
    factor.save(force_insert=True)
    assert not is_in(client)


def test_a_seed_is_not_readable_in_the_database() -> None:
    _, seed = make_verified_person()
    with connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM accounts_authenticator")
        stored = cursor.fetchone()[0]
    assert seed not in stored
    assert Authenticator.objects.get().seed == seed


def test_tokens_need_no_second_factor(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.REQUIRE_TWO_FACTOR = True
    make_verified_person()
    assert client.get("/alerts/active", headers=bearer("*")).status_code == 200


def test_the_session_key_changes_with_the_login(client: Client) -> None:
    _, seed = make_verified_person()
    client.get("/admin/login/")
    give_password(client)
    between = client.cookies["sessionid"].value
    give_code(client, code_of(seed))
    assert client.cookies["sessionid"].value != between


# --- enrolment --------------------------------------------------------------------------------------------------------
def enrol(client: Client) -> str:
    """Set a second factor up over the pages; return its seed."""
    assert client.post("/login/second-factor", {"password": "pass-of-ann"}).status_code == 302
    page = client.get("/login/second-factor").content.decode()
    assert "<svg" in page
    return str(Authenticator.objects.get().seed)


def test_opening_the_page_makes_no_seed(client: Client) -> None:
    client.force_login(make_user("ann", role=Role.VIEWER))
    assert client.get("/login/second-factor").status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("given", [{}, {"password": ""}, {"password": "wrong"}, {"code": "000000"}])
def test_a_session_without_the_password_sets_up_no_factor(given: dict[str, str]) -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    page = here.post("/login/second-factor", given).content.decode()
    assert "Your password" in page and 'class="qr"' not in page
    assert not Authenticator.objects.exists()


def test_an_enrolment_that_was_left_is_nobody_elses_to_confirm(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    make_user("ann", role=Role.VIEWER)
    here, elsewhere = log_in(), log_in()
    seed = enrol(here)
    words = key_words(seed)
    assert words in here.get("/login/second-factor").content.decode()
    assert words not in elsewhere.get("/login/second-factor").content.decode()
    elsewhere.post("/login/second-factor", {"code": code_of(seed)})
    monkeypatch.setattr("tradewatch.accounts.views.enrolment.CONFIRMED_SECONDS", -1)
    page = here.post("/login/second-factor", {"code": code_of(seed)}).content.decode()
    assert "longer than ten minutes" in page and words not in page
    assert Authenticator.objects.get().confirmed_at is None


def test_enrolling_shows_the_codes_once_and_logs_the_others_out(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    here, elsewhere = log_in(), log_in()
    seed = enrol(here)
    assert is_in(here), "an unconfirmed factor asks for nothing"
    page = here.post("/login/second-factor", {"code": code_of(seed)}).content.decode()
    codes = [line.split("<li>")[1].strip() for line in page.splitlines() if "<li>" in line]
    codes = [
        code for code in page.replace("<", " ").replace(">", " ").split() if len(code) == 19 and code.count("-") == 3
    ]
    assert len(codes) == 10
    assert is_in(here) and not is_in(elsewhere)
    assert AuditEntry.objects.filter(action="second_factor.enable").count() == 1
    assert here.get("/login/second-factor")["Location"] == "/account"
    other = Client()
    give_password(other)
    assert give_code(other, codes[3]).status_code == 302


def test_a_wrong_first_code_confirms_nothing(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    enrol(here)
    assert "Is wrong" in here.post("/login/second-factor", {"code": "000000"}).content.decode()
    assert Authenticator.objects.get().confirmed_at is None


def test_where_it_is_required_the_login_leads_to_the_enrolment(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.REQUIRE_TWO_FACTOR = True
    make_user("ann", role=Role.VIEWER)
    assert give_password(client, next="/issues")["Location"] == "/login/second-factor"
    assert not is_in(client)
    page = client.get("/login/second-factor").content.decode()
    assert "Main, short" not in page, "nobody without a session sees the frame"
    seed = enrol(client)
    answer = client.post("/login/second-factor", {"code": code_of(seed)})
    assert 'href="/issues"' in answer.content.decode()
    assert is_in(client)


def test_requiring_it_turns_open_sessions_away(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    client.force_login(make_user("ann", role=Role.VIEWER))
    assert is_in(client)
    settings.REQUIRE_TWO_FACTOR = True
    assert not is_in(client)


def test_an_enrolment_on_the_way_in_cannot_replace_a_confirmed_factor(client: Client) -> None:
    make_verified_person()
    give_password(client)
    assert client.post("/login/second-factor")["Location"] == "/login/code"
    assert client.post("/login/second-factor", {"code": "000000"})["Location"] == "/login/code"
    assert Authenticator.objects.get().confirmed_at is not None


# --- disabling and new codes ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("password", "is_code_right", "is_disabled"),
    [("pass-of-ann", True, True), ("pass-of-ann", False, False), ("wrong", True, False), ("", True, False)],
)
def test_disabling_takes_password_and_code(password: str, is_code_right: bool, is_disabled: bool) -> None:
    _, seed = make_verified_person()
    client = log_in(seed=seed)
    code = code_of(seed, steps=1) if is_code_right else "000000"
    answer = client.post("/account/second-factor/disable", {"password": password, "code": code})
    assert answer.status_code == (302 if is_disabled else 400)
    assert Authenticator.objects.exists() is not is_disabled
    assert is_in(client)
    assert AuditEntry.objects.filter(action="second_factor.disable").exists() is is_disabled


def test_wrong_passwords_there_have_an_end_and_hold_no_codes_back() -> None:
    _, seed = make_verified_person()
    client = log_in(seed=seed)
    for _ in range(5):
        client.post("/account/second-factor/disable", {"password": "guess", "code": "000000"})
    fields = {"password": "pass-of-ann", "code": code_of(seed, steps=1)}
    assert "Too many were wrong" in client.post("/account/second-factor/disable", fields).content.decode()
    assert Authenticator.objects.get().failures == 0, "who is logging in gives their code as always"


def test_while_codes_wait_no_password_is_looked_at() -> None:
    _, seed = make_verified_person()
    client = log_in(seed=seed)
    Authenticator.objects.update(failures=5, last_failed_at=timezone.now())
    for password in ("pass-of-ann", "wrong"):
        page = client.post("/account/second-factor/disable", {"password": password, "code": "000000"}).content.decode()
        assert "Too many were wrong" in page and "Is incorrect" not in page


def test_new_recovery_codes_end_the_old_ones() -> None:
    _, seed = make_verified_person()
    client = log_in(seed=seed)
    assert client.post("/account/second-factor/codes", {"code": "000000"}).status_code == 400
    page = client.post("/account/second-factor/codes", {"code": code_of(seed, steps=1)})
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    other = Client()
    give_password(other)
    assert give_code(other, RECOVERY).status_code == 200
    assert not is_in(other)
    assert SessionRecord.objects.count() == 1
