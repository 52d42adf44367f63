"""What each key finds, on the real database: titles are the answers."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dashboard.builders import make_issue
from tests.errors.builders import digest
from tests.errors.documents import NOW, make_event, make_exception
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.models import Bookmark, Issue
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.conditions import KEYS, condition
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.queries import find_issues
from tradewatch.errors.search.terms import parse
from tradewatch.errors.services import merge_issue
from tradewatch.projects.models import Release, Team

pytestmark = pytest.mark.django_db


def find(query: str, *, user_id: int | None = None) -> list[str]:
    """Return the types of the issues found, by name."""
    asking = Asking([make_project().pk], NOW, user_id)
    rows = Issue.objects.filter(condition(parse(query), asking), project__in=asking.project_ids)
    return sorted(rows.values_list("exception_type", flat=True))


@pytest.fixture
def digested() -> None:
    """Three issues, as digesting leaves them."""
    digest(
        make_event(
            make_exception("MarginCheckError", "no margin for ACC_1 at 100%"),
            tags={"venue": "lmax", "level 2": "on", "type": "mine"},
            release="oms@1.2.0",
            user={"id": 7, "email": "ann@desk.example", "ip_address": "10.0.0.7"},
        ),
        make_event(
            make_exception("KeyError", r"'a\b' [x]*?"),
            tags={"venue": "LMAX", "desk": "fx"},
            release="oms@1.2.3",
            environment="staging",
            transaction="/orders",
            user={"id": 8, "username": "bob"},
        ),
        make_event(make_exception("ValueError", "bad"), tags={"venue": "xlon"}, release="oms@1.3.0", level="warning"),
    )


EVERY = ["KeyError", "MarginCheckError", "ValueError"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", EVERY),
        ("venue:lmax", ["MarginCheckError"]),
        ("venue:lmax,LMAX", ["KeyError", "MarginCheckError"]),
        ("!venue:lmax", ["KeyError", "ValueError"]),
        ("!venue:lmax,xlon", ["KeyError"]),
        ("venue:lm*", ["MarginCheckError"]),
        ("venue:*on", ["ValueError"]),
        ("venue:*", EVERY),
        ("venue:nowhere", []),
        ("has:desk", ["KeyError"]),
        ("!has:desk", ["MarginCheckError", "ValueError"]),
        ('"level 2":on', ["MarginCheckError"]),
        ("tags[type]:mine", ["MarginCheckError"]),
        ("release:oms@1.2.0", ["MarginCheckError"]),
        ("release:oms@1.2*", ["KeyError", "MarginCheckError"]),
        ("first_release:oms@1.3.0", ["ValueError"]),
        ("!first_release:oms@1.2*", ["ValueError"]),
        ("last_release:oms@1.2.3", ["KeyError"]),
        ("environment:staging", ["KeyError"]),
        ("env:production", ["MarginCheckError", "ValueError"]),
        ("transaction:/orders", ["KeyError"]),
        ("user.id:7", ["MarginCheckError"]),
        ("user.id:7,8", ["KeyError", "MarginCheckError"]),
        ("!user.id:7", ["KeyError", "ValueError"]),
        ("user.email:ann@desk.example", ["MarginCheckError"]),
        ("user.username:bob", ["KeyError"]),
        ("user.ip:10.0.0.7", ["MarginCheckError"]),
        ("user.id:99", []),
        ("level:error", ["KeyError", "MarginCheckError"]),
        ("severity:Warning", ["ValueError"]),
        ("level:fatal,warning", ["ValueError"]),
        ("type:keyerror", ["KeyError"]),
        ("type:*error", EVERY),
        ("type:Key*,Value*", ["KeyError", "ValueError"]),
        ("type:Key", []),
        ('culprit:"app.risk* in check"', EVERY),
        ("margin", ["MarginCheckError"]),
        ("MARGIN acc_1", ["MarginCheckError"]),
        ("accx1", []),
        ("100%", ["MarginCheckError"]),
        ("1%", []),
        ('"margin for"', ["MarginCheckError"]),
        ('"margin ACC"', []),
        ("marg*acc", ["MarginCheckError"]),
        ("!margin", ["KeyError", "ValueError"]),
        (r"a\\b", ["KeyError"]),
        (r"[x]\*?", ["KeyError"]),
        (r"\*", ["KeyError"]),
        ("#1", ["MarginCheckError"]),
        ("default-2", ["KeyError"]),
        ("other-2", []),
        ("venue:lmax level:error margin", ["MarginCheckError"]),
        ("venue:lmax level:warning", []),
        ("users:1", ["KeyError", "MarginCheckError"]),
        ("users:0", ["ValueError"]),
    ],
)
def test_digested_events_are_found(digested: None, query: str, found: list[str]) -> None:
    assert find(query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:unresolved", ["Back", "Fresh", "Loud"]),
        ("is:resolved,ignored", ["Hushed", "Mended"]),
        ("!is:unresolved", ["Hushed", "Mended"]),
        ("is:regressed", ["Back"]),
        ("is:new", ["Fresh"]),
        ("is:unresolved !is:new", ["Back", "Loud"]),
        ("category:risk", ["Back", "Fresh", "Hushed", "Mended"]),
        ("category:Database", ["Loud"]),
        ("events:>100", ["Loud"]),
        ("events:>=500 events:<=500", ["Loud"]),
        ("events:500", ["Loud"]),
        ("events:<500", ["Back", "Fresh", "Hushed", "Mended"]),
        ("users:>=5", ["Loud"]),
        ("first_seen:<24h", ["Fresh"]),
        ("first_seen:>24h", ["Back", "Hushed", "Loud", "Mended"]),
        ("last_seen:>7d", ["Mended"]),
        ("last_seen:<=1w", ["Back", "Fresh", "Hushed", "Loud"]),
        ("first_seen:2026-11-23", ["Fresh"]),
        ("first_seen:>2026-11-20", ["Fresh"]),
        ("first_seen:>=2026-11-20", ["Back", "Fresh"]),
        ("first_seen:<2026-11-20", ["Hushed", "Loud", "Mended"]),
        ("first_seen:<=2026-11-20", ["Back", "Hushed", "Loud", "Mended"]),
        ("first_seen:2026-11-23T09:00", ["Fresh"]),
        ('first_seen:>"2026-11-23 09:01"', []),
        ("first_seen:>=2026-11-23T10:00+01:00", ["Fresh"]),
    ],
)
def test_states_counts_and_times_are_found(query: str, found: list[str]) -> None:
    old = NOW - timedelta(days=10)
    make_issue(title="Fresh", first_seen_at=NOW.replace(minute=0, second=7), last_seen_at=NOW)
    make_issue(title="Back", is_regressed=True, first_seen_at=NOW.replace(day=20), last_seen_at=NOW)
    make_issue(title="Loud", event_count=500, user_count=7, category="database", first_seen_at=old, last_seen_at=NOW)
    make_issue(title="Hushed", state="ignored", first_seen_at=old, last_seen_at=NOW)
    make_issue(title="Mended", state="resolved", first_seen_at=old, last_seen_at=NOW - timedelta(days=8))
    assert find(query) == found


@pytest.mark.parametrize(
    ("query", "at", "expected"),
    [
        ("is:open", 3, "one of unresolved, resolved, ignored"),
        ("is:unres*", 3, "one of unresolved"),
        ("is:>new", 3, "a value without >"),
        ("x level:loud", 8, "one of debug, info, warning, error, critical, fatal"),
        ("category:nothing", 9, "one of order_execution"),
        ("events:many", 7, "a number such as >100"),
        ("events:-1", 7, "a number"),
        ("events:٣", 7, "a number"),
        ("events:9223372036854775808", 7, "a number below 2^63"),
        ("events:" + "9" * 400, 7, "a number below 2^63"),
        ("first_seen:24h", 11, "< or > before an age, such as <24h"),
        ("first_seen:<2026-02-30", 11, "an age with < or >"),
        ("first_seen:yesterday", 11, "an age with < or >"),
        ("first_seen:2026*", 11, "an age with < or >"),
        ("first_seen:1999-01-01", 11, "a year from 2000 to 2999"),
        ("first_seen:>0001-01-01T00:00+14:00", 11, "a year from 2000 to 2999"),
        ("first_seen:<99999w,>123456w", 19, "an age with < or >"),
        ("venue:>lmax", 6, "a value without >"),
        ("user.id:7*", 8, "a whole value, because users are kept as hashes"),
    ],
)
def test_a_value_that_does_not_fit_its_key_is_refused_with_its_place(query: str, at: int, expected: str) -> None:
    with pytest.raises(BadQuery) as caught:
        find(query)
    assert caught.value.at == at
    assert caught.value.expected.startswith(expected)


def test_people_teams_and_bookmarks_are_found() -> None:
    mara = make_user("mara", first_name="Mara", last_name="Lindqvist", email="mara@desk.example")
    desk = Team.objects.create(name="FX desk", slug="fx-desk")
    desk.members.add(mara)
    hers = make_issue(title="Hers", assignee=mara, priority="high", has_members=True)
    make_issue(title="Desks", assigned_team=desk)
    make_issue(title="Nobodys")
    make_issue(title="Ottos", assignee=make_user("otto"))
    Bookmark.objects.create(user=mara, issue=hers, created_at=NOW)
    asked = {
        "assigned:me": ["Desks", "Hers"],
        "assigned:none": ["Nobodys"],
        "assigned:mara": ["Hers"],
        "assigned:MARA@desk.example": ["Hers"],
        'assigned:"mara lindqvist"': ["Hers"],
        "assigned:mar*,otto": ["Hers", "Ottos"],
        "assigned:#fx-desk": ["Desks"],
        "assigned:#fx*": ["Desks"],
        "assigned:team:fx-desk": ["Desks"],
        "assignee:nobody": [],
        "!assigned:me": ["Nobodys", "Ottos"],
        "is:assigned": ["Desks", "Hers", "Ottos"],
        "is:unassigned": ["Nobodys"],
        "is:bookmarked": ["Hers"],
        "is:merged": ["Hers"],
        "priority:high": ["Hers"],
        "!priority:high,low": ["Desks", "Nobodys", "Ottos"],
    }
    assert {query: find(query, user_id=mara.pk) for query in asked} == asked
    assert find("is:bookmarked") == []
    with pytest.raises(BadQuery):
        find("assigned:me")
    with pytest.raises(BadQuery):
        find("assigned:>me", user_id=mara.pk)


@pytest.mark.usefixtures("digested")
def test_users_of_before_a_new_key_are_found_as_long_as_the_old_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "SECRET_KEY_FALLBACKS", [django_settings.SECRET_KEY])
    monkeypatch.setattr(django_settings, "SECRET_KEY", "another")
    digest(make_event(make_exception("OSError", "late"), user={"id": 7}))
    assert find("user.id:7") == ["MarginCheckError", "OSError"]
    assert find("user.email:ann@desk.example") == ["MarginCheckError"]
    monkeypatch.setattr(django_settings, "SECRET_KEY_FALLBACKS", [])
    assert find("user.id:7") == ["OSError"]


def test_a_merged_issue_is_found_in_its_target() -> None:
    for name, user in (("Alpha", "1"), ("Beta", "2"), ("Gamma", "3")):
        digest(make_event(make_exception(name, name), user={"id": user}, tags={"venue": name.lower()}))
    alpha, beta, gamma = Issue.objects.order_by("id")
    merge_issue(SYSTEM, gamma, into=beta)
    merge_issue(SYSTEM, beta, into=alpha)
    asking = Asking([make_project().pk], NOW)
    for query in ("user.id:3", "venue:gamma", "user.id:2", "venue:beta", "is:merged", ""):
        assert [each.pk for each in find_issues(query, asking)] == [alpha.pk], query


def test_the_releases_of_other_projects_lend_no_meaning() -> None:
    other = Release.objects.create(project=make_project("other"), version="9", first_seen_at=NOW, last_seen_at=NOW)
    make_issue(first_release=other)
    assert find("first_release:9") == []


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_each_key_can_be_asked(key: str) -> None:
    assert find(KEYS[key].example, user_id=0) == []


PIECES = [
    *"a:!,*\"\\<>=%_[]?'; \t",
    "is:",
    "events:",
    "first_seen:",
    "user.id:",
    "24h",
    "2026-11-20",
    "venue",
    "9" * 20,
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20))
def test_whatever_is_typed_is_answered_or_refused(query: str) -> None:
    try:
        find(query)
    except BadQuery as fault:
        assert fault.errors["q"]
