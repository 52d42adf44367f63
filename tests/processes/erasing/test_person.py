from typing import Any

import pytest

from tradewatch.processes.erasing.person import ERASED, Person, is_distinctive, is_personal
from tradewatch.processes.erasing.rewriting import Rewriting

MARA = Person.of(ids=["u-77123"], emails=["Mara@Desk.example"])
NUMBER = Person.of(ids=["42"])


def test_names_that_say_that_their_value_is_a_person() -> None:
    said = ["user_id", "userId", "User-Id", "user.id", "X-User-Id", "enduser.id", "uid", "did", "email", "e-mail",
            "username", "user", "customerEmail", "account_id", "trader_name", "contact_email"]  # fmt: skip
    other = ["order_id", "client_order_id", "quantity", "user_agent", "id", "name", "session", "trace_id", "userCount"]
    assert [name for name in said if not is_personal(name)] == []
    assert [name for name in other if is_personal(name)] == []


def test_what_hardly_means_anything_else() -> None:
    values = {"mara@desk.example": True, "u-77123": True, "123456789": True, "42": False, "4711": False}
    values |= {"charlie": False, "trader-charlie": False, "00000000-0000-4000-8000-00000000002a": True}
    values |= {"00000000-0000-0000-0000-000000000000": False, "000000000": False}
    assert {value: is_distinctive(value) for value in values} == values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u-77123", ERASED),
        ("order of u-77123, refused", f"order of {ERASED}, refused"),
        ("/users/u-77123/orders?x=1", f"/users/{ERASED}/orders?x=1"),
        ("mail MARA@desk.example.", f"mail {ERASED}."),
        ("to=mara%40desk.example&n=2", f"to={ERASED}&n=2"),
        ("%20u-77123%20", f"%20{ERASED}%20"),
        (r'{"a": "x\nu-77123"}', rf'{{"a": "x\n{ERASED}"}}'),
        ("u-771234 xu-77123 u-77123-b b-u-77123 u-77123.eu", "u-771234 xu-77123 u-77123-b b-u-77123 u-77123.eu"),
        ("mara@desk.example.au kim.mara@desk.example", "mara@desk.example.au kim.mara@desk.example"),
        ("U-77123", "U-77123"),
    ],
)
def test_whole_tokens_of_a_text(text: str, expected: str) -> None:
    assert Rewriting(MARA).text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sold 42 of 42", "sold 42 of 42"),
        ("GET /a?user_id=42&n=42", f"GET /a?user_id={ERASED}&n=42"),
        ('{"userId": "42", "n": 42}', f'{{"userId": "{ERASED}", "n": 42}}'),
        ("uid: 42", f"uid: {ERASED}"),
        ("user_id=421 fluid: 42", "user_id=421 fluid: 42"),
    ],
)
def test_a_common_number_counts_under_names_of_user_data_alone(text: str, expected: str) -> None:
    assert Rewriting(NUMBER).text(text) == expected


@pytest.mark.parametrize(
    ("person", "value", "expected"),
    [
        (NUMBER, {"user": {"id": "42", "username": "kim", "geo": {"city": "Bern"}, "segment": None}},
         {"user": {"id": ERASED, "username": ERASED, "geo": {"city": ERASED}, "segment": None}}),
        (NUMBER, {"user": {"id": 43, "username": "kim"}, "n": 42}, {"user": {"id": 43, "username": "kim"}, "n": 42}),
        (NUMBER, {"userId": 42, "orders": [42, "42"]}, {"userId": ERASED, "orders": [42, "42"]}),
        (NUMBER, [["X-User-Id", "42"], ["Content-Length", "42"]], [["X-User-Id", ERASED], ["Content-Length", "42"]]),
        (NUMBER, {"users": ["41", "42"], "uid": ["42", "43"], "n": ["41", "42"]},
         {"users": ["41", ERASED], "uid": [ERASED, "43"], "n": ["41", "42"]}),
        (Person.of(ids=["alice"]), {"users": ["alice", "bob"], "members": ["bob", "alice"], "tags": ["alice", "bob"]},
         {"users": [ERASED, "bob"], "members": ["bob", ERASED], "tags": ["alice", "bob"]}),
        (NUMBER, {"users": ["42"], "accounts": ["40", "41", "42"], "owners": ["41", 42]},
         {"users": [ERASED], "accounts": ["40", "41", ERASED], "owners": ["41", ERASED]}),
        (NUMBER, {"user.id": 42, "user.email": "k@x.example", "n": 1},
         {"user.id": ERASED, "user.email": ERASED, "n": 1}),
        (NUMBER, {"user.id": {"value": "42", "type": "string"}, "user.name": {"value": "kim", "type": "string"}},
         {"user.id": {"value": ERASED, "type": "string"}, "user.name": {"value": ERASED, "type": "string"}}),
        (MARA, {"limits": {"u-77123": 5}, "by": ["u-77123", True, 1.5]},
         {"limits": {ERASED: 5}, "by": [ERASED, True, 1.5]}),
        (Person.of(ids=["900000001"]), {"order": 900000001, "other": 900000002}, {"order": ERASED, "other": 900000002}),
    ],
)  # fmt: skip
def test_documents(person: Person, value: Any, expected: Any) -> None:
    rewriting = Rewriting(person)
    assert rewriting.value(value) == expected
    assert (rewriting.hits > 0) == (value != expected)
    assert Rewriting(person).value(expected) == expected


def test_a_first_look_never_misses_what_would_be_replaced() -> None:
    person = Person.of(ids=["zoë-1234"], emails=["zoë@x.example"])
    for data in ('"zo\\u00eb-1234"', "ZOË@x.example".lower(), "zo%c3%ab%40x.example", "zoë-1234"):
        assert person.may_be_in(data.encode())
    assert not person.may_be_in(b"zoe-1234")


def test_what_stands_beside_the_given_name_is_learned_and_what_others_have_too_is_told() -> None:
    rewriting = Rewriting(MARA)
    rewriting.value({"user": {"id": "u-77123", "email": "private@x.example"}})
    assert rewriting.learned == Person.of(emails=["private@x.example"])
    named = Rewriting(MARA)
    named.value(
        {"user": {"id": "u-77123", "username": "trader77"}, "by": {"user": {"id": "u-77123", "username": "mara"}}}
    )
    assert named.learned == Person.of(ids=["trader77"]), "mara may be anybody"
    doubtful = Person.of(ids=["trader77"], emails=["private@x.example", "desk@x.example"])
    other = Rewriting(MARA, candidates=doubtful, common=Person.of(ids=["42"]))
    other.value([{"user": {"id": 42, "username": "trader77"}}, {"user": {"email": "desk@x.example"}}])
    assert not other.shared, "nobody else is told of"
    other.value({"user": {"id": "u-1", "email": "desk@x.example"}})
    assert other.shared == Person.of(emails=["desk@x.example"])
    other.value({"user": {"id": "u-1", "username": "trader77"}})
    assert other.shared == Person.of(ids=["trader77"], emails=["desk@x.example"])


def test_what_may_be_anybodys_is_not_learned_and_is_told() -> None:
    rewriting = Rewriting(Person.of(emails=["a@x.example"]))
    for name in ("anonymous", "guest", 0, "0", 42, "00000000-0000-0000-0000-000000000000", "alice"):
        rewriting.value({"user": {"id": name, "username": "[removed: project field]", "email": "a@x.example"}})
    rewriting.value({"user": {"id": "u-77123", "username": True, "email": "a@x.example"}})
    assert rewriting.learned == Person.of(ids=["u-77123"])
    nil = "00000000-0000-0000-0000-000000000000"
    assert rewriting.not_learned == Person.of(ids=["anonymous", "guest", "0", "42", nil, "alice"])
