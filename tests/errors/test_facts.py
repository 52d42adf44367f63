from typing import Any

import pytest

from tests.errors.documents import make_event, make_exception, make_frame
from tradewatch.errors.facts import UNTITLED, facts_of, identity_hash, user_hashes

KEY = b"a key of the test"


def test_an_exception() -> None:
    facts = facts_of(
        make_event(make_exception(value="limit breached\nfor book 7"), contexts={"trace": {"trace_id": "ab12"}})
    )
    assert facts.title == "RiskLimitExceeded: limit breached"
    assert facts.exception_type == "RiskLimitExceeded"
    assert facts.message == "limit breached\nfor book 7"
    assert facts.culprit == "app.risk.limits in check"
    assert (facts.release, facts.environment, facts.trace_id) == ("oms@4.12.0", "production", "ab12")


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"logentry": {"message": "order %s lost", "formatted": "order 17 lost"}}, "order 17 lost"),
        ({"logentry": {"message": "order lost"}}, "order lost"),
        ({}, UNTITLED),
        ({"logentry": {"formatted": "x" * 900}}, "x" * 250),
    ],
)
def test_a_message(fields: dict[str, Any], title: str) -> None:
    facts = facts_of(make_event(exception={"values": []}, **fields))
    assert facts.title == title
    assert facts.exception_type == ""
    assert facts.culprit == "/api/v1/orders"  # the transaction, where there is no frame


def test_the_exception_caught_last_names_the_issue_and_its_cause_follows() -> None:
    facts = facts_of(make_event(make_exception("KeyError", "acc"), make_exception("OrderRejected", "no account")))
    assert facts.title == "OrderRejected: no account"
    assert [thrown.type for thrown in facts.thrown] == ["OrderRejected", "KeyError"]


@pytest.mark.parametrize(
    ("frames", "culprit"),
    [
        ([make_frame(), make_frame("run", "uvloop")], "app.risk.limits in check"),
        ([make_frame("run", "uvloop"), make_frame("go", "anyio")], "anyio in go"),
        ([{"filename": "app.js", "function": None}], "app.js in ?"),
        ([{}, None], "/api/v1/orders"),
    ],
)
def test_culprit(frames: list[dict[str, Any]], culprit: str) -> None:
    assert facts_of(make_event(make_exception(frames=frames))).culprit == culprit


def test_tags_are_the_clients_and_ours() -> None:
    facts = facts_of(
        make_event(
            tags={"venue": "lmax", "release": "faked", "empty": "", "k" * 99: "v" * 999},
            server_name="oms-1",
            contexts={"runtime": {"name": "CPython"}, "os": {"name": "Linux"}, "browser": None},
            request={"url": "https://oms.example/api/v1/orders?id=17"},
        )
    )
    assert facts.tags == {
        "venue": "lmax",
        "k" * 64: "v" * 200,
        "release": "oms@4.12.0",
        "environment": "production",
        "level": "error",
        "transaction": "/api/v1/orders",
        "server_name": "oms-1",
        "runtime": "CPython",
        "os": "Linux",
        "url": "/api/v1/orders",
    }


@pytest.mark.parametrize("url", ["http://[broken", "", None, 17])
def test_a_url_that_cannot_be_read_is_no_tag_of_its_own(url: object) -> None:
    assert facts_of(make_event(request={"url": url})).tags.get("url") in (None, "17")


@pytest.mark.parametrize(("level", "severity"), [("critical", "critical"), ("fatal", "error"), (None, "error")])
def test_severity_is_the_level_in_our_words(level: str | None, severity: str) -> None:
    assert facts_of(make_event(level=level)).severity == severity


def first_hash(document: dict[str, Any], *, key: bytes) -> int | None:
    return next(iter(user_hashes(document, key=key)), None)


def test_users_are_told_apart_by_the_first_of_id_name_mail_and_address() -> None:
    by_id = first_hash({"user": {"id": "7", "email": "ann@desk.example"}}, key=KEY)
    assert by_id == first_hash({"user": {"id": 7, "email": "bob@desk.example"}}, key=KEY)
    others = [{"id": "8"}, {"username": "7"}, {"email": "7"}, {"ip_address": "7"}]
    assert len({by_id, *(first_hash({"user": user}, key=KEY) for user in others)}) == 5


def test_a_user_has_a_hash_for_each_way_the_event_names_them() -> None:
    both = user_hashes({"user": {"email": "ann@desk.example", "id": 7, "username": ""}}, key=KEY)
    assert both == (identity_hash("id", "7", key=KEY), identity_hash("email", "ann@desk.example", key=KEY))


@pytest.mark.parametrize("user", [None, {}, {"id": None}, {"ip_address": "{{auto}}"}, {"id": "[Filtered]"}])
def test_nobody(user: dict[str, Any] | None) -> None:
    assert first_hash({"user": user}, key=KEY) is None


def test_a_user_hash_fits_a_signed_column_and_depends_on_the_key() -> None:
    hashes = [first_hash({"user": {"id": number}}, key=KEY) or 0 for number in range(200)]
    assert all(-(2**63) <= each < 2**63 for each in hashes)
    assert any(each < 0 for each in hashes)
    assert first_hash({"user": {"id": 1}}, key=b"another") not in hashes
