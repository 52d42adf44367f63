import copy
import json
from typing import Any
from unittest import mock

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tradewatch.inbox.scrub import ScrubPolicy, scrub_document, survey
from tradewatch.inbox.scrub.policy import rules_for
from tradewatch.inbox.scrub.walk import _Walk

# ruff: noqa: E501, SIM905 - the tables read best with a case a line
POLICY = ScrubPolicy(extra_fields=frozenset({"desk_badge"}))
KEEPING = ScrubPolicy(keeps_ip_addresses=True)


def scrubbed(document: Any, policy: ScrubPolicy = POLICY, raw: bytes | None = None) -> dict[str, Any]:
    document = copy.deepcopy(document)
    scrub_document(document, policy, raw)
    document.pop("_removed", None)
    return document


def frame_with(**variables: Any) -> dict[str, Any]:
    return {"exception": {"values": [{"stacktrace": {"frames": [{"vars": variables}]}}]}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"extra": {"password": "x"}}, {"extra": {"password": "[removed: password]"}}),
        ({"extra": {"token": 123456}}, {"extra": {"token": "[removed: token]"}}),
        ({"extra": {"credentials": {"user": "x"}}}, {"extra": {"credentials": "[removed: credentials]"}}),
        ({"extra": {"secrets": ["x", "y"]}}, {"extra": {"secrets": "[removed: secret]"}}),
        ({"extra": {"deskBadge": "x"}}, {"extra": {"deskBadge": "[removed: project field]"}}),
        ({"extra": {"password": None, "token": "", "has_secret": True}}, None),
        ({"extra": {"card": 4111111111111111}}, {"extra": {"card": "[removed: card number]"}}),
        ({"extra": {"order_id": 4111111111111111, "order": {"id": "4111111111111111"}}}, None),
        (frame_with(dsn="'postgres://u:p@h'"), frame_with(dsn="'postgres://u:[removed: password]@h'")),
        (frame_with(h=[["b'x-api-key'", "b'abc'"]]), frame_with(h=[["b'x-api-key'", "[removed: api key]"]])),
        (frame_with(argv=["app", "--password", "x"]), frame_with(argv=["app", "--password", "[removed: password]"])),
        (frame_with(symbol="'BTC'", qty="Decimal('2.5')", order_id="'ord-1'", px="64123.5", account="'acc-desk-07'"), None),
        (
            {"request": {"headers": [["Authorization", "Bearer x"], ["Cookie", "a=b"], ["X-Desk", "7"]]}},
            {
                "request": {
                    "headers": [
                        ["Authorization", "[removed: authorization]"],
                        ["Cookie", "a=[removed: cookie]"],
                        ["X-Desk", "7"],
                    ]
                }
            },
        ),
        ({"request": {"headers": {"X-Api-Key": "x"}}}, {"request": {"headers": {"X-Api-Key": "[removed: api key]"}}}),
        ({"request": {"cookies": {"a": "b"}}}, {"request": {"cookies": {"a": "[removed: cookie]"}}}),
        ({"request": {"cookies": [["a", "b"]]}}, {"request": {"cookies": [["a", "[removed: cookie]"]]}}),
        ({"request": {"cookies": "a=b; c=d"}}, {"request": {"cookies": "a=[removed: cookie]; c=[removed: cookie]"}}),
        (
            {"request": {"data": '{"password":"x","qty":1}', "query_string": "token=x&symbol=BTC"}},
            {
                "request": {
                    "data": '{"password":"[removed: password]","qty":1}',
                    "query_string": "token=[removed: token]&symbol=BTC",
                }
            },
        ),
        ({"request": {"data": "password=x&qty=1"}}, {"request": {"data": "password=[removed: password]&qty=1"}}),
        (
            {"breadcrumbs": {"values": [{"message": "login password=x", "data": {"url": "https://u:p@h/"}}]}},
            {
                "breadcrumbs": {
                    "values": [
                        {"message": "login password=[removed: password]", "data": {"url": "https://u:[removed: password]@h/"}}
                    ]
                }
            },
        ),
        ({"contexts": {"session": {"id": "x"}}}, {"contexts": {"session": {"value": "[removed: session]"}}}),
        ({"tags": {"session": "x", "venue": "lmax"}}, {"tags": {"session": "[removed: session]", "venue": "lmax"}}),
        (
            {"items": [{"attributes": {"token": {"value": "x", "type": "string"}}}]},
            {"items": [{"attributes": {"token": {"value": "[removed: token]", "type": "string"}}}]},
        ),
        (
            {"extra": {"fields": [{"name": "password", "value": "x"}]}},
            {"extra": {"fields": [{"name": "password", "value": "[removed: password]"}]}},
        ),
        ({"extra": {"AKIAIOSFODNN7EXAMPLE": 1}}, {"extra": {"[removed: api key]": 1}}),
        (
            {"spans": [{"description": "GET https://h/?api_key=x", "data": {"db.password": "x"}}]},
            {
                "spans": [
                    {"description": "GET https://h/?api_key=[removed: api key]", "data": {"db.password": "[removed: password]"}}
                ]
            },
        ),
        (
            {"extra": {"lines": ["-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----", "qty = 1"]}},
            {"extra": {"lines": ["[removed: private key]"] * 3 + ["qty = 1"]}},
        ),
        ({"context_line": 'password = "x"; token = request.token'}, {"context_line": 'password = "[removed: password]"; token = request.token'}),
        ({"modules": {"django-session": "1.2", "secrets": "3"}}, None),
        ({"sid": "a", "did": "b", "status": "ok", "attrs": {"release": "1"}}, None),
        ({"request": {"env": {"PWD": "/srv", "SECRET_KEY": "x"}}}, {"request": {"env": {"PWD": "/srv", "SECRET_KEY": "[removed: secret]"}}}),
    ],
)  # fmt: skip
def test_removed_and_kept(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    assert scrubbed(before) == (before if after is None else after)
    assert scrubbed(before, raw=orjson.dumps(before)) == (before if after is None else after)


ADDRESSES = {
    "user": {"ip_address": "10.0.0.1", "id": "7"},
    "request": {
        "env": {"REMOTE_ADDR": "10.0.0.1"},
        "headers": [["X-Forwarded-For", "10.0.0.1, ::1"], ["X-Real-IP", "fe80::1"], ["Host", "h"]],
    },
    "message": "ip=10.0.0.9 from 10.0.0.8",
}


def test_addresses_go_where_a_name_says_whose_they_are() -> None:
    gone = "[removed: ip address]"
    assert scrubbed(ADDRESSES) == {
        "user": {"ip_address": gone, "id": "7"},
        "request": {
            "env": {"REMOTE_ADDR": gone},
            "headers": [["X-Forwarded-For", gone], ["X-Real-IP", gone], ["Host", "h"]],
        },
        "message": f"ip={gone} from 10.0.0.8",
    }


def test_addresses_stay_by_setting() -> None:
    assert scrubbed(ADDRESSES, KEEPING) == ADDRESSES


@pytest.mark.parametrize("usual", [{"user": {"ip_address": "1.2.3.4"}}, {"request": {"env": {"REMOTE_ADDR": "::1"}}}])
def test_the_usual_address_is_removed_without_a_walk(usual: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Walk, "document", lambda *_: pytest.fail("walked"))
    removed = scrub_document(usual, POLICY, orjson.dumps(usual))
    assert [entry["kind"] for entry in removed] == ["ip address"]


@pytest.mark.parametrize("value", ["{{auto}}", "unknown", None])
def test_what_is_no_address_stays(value: str | None) -> None:
    assert scrubbed({"user": {"ip_address": value}}) == {"user": {"ip_address": value}}


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"extra": {"\u0070assword": "hunter2"}}',
        rb'{"extra": {"url": "postgres:\/\/u:hunter2@h"}}',
        rb'{"extra": {"body": "{\"\\u0070assword\": \"hunter2\"}"}}',
        rb'{"extra": {"body": "line\npassword=hunter2"}}',
        rb'{"extra": {"body": "\u007b\"password\": \"hunter2\"}"}}',
        rb'{"extra": {"PASSWORD"  :  "hunter2"}}',
    ],
)
def test_escapes_hide_nothing(raw: bytes) -> None:
    document = orjson.loads(raw)
    scrub_document(document, POLICY, raw)
    assert b"hunter2" not in orjson.dumps(document)


def test_a_field_in_any_script_is_found_however_json_spells_it() -> None:
    document = {"extra": {"кодДеска": "hunter2", "note": "кодДеска=hunter2"}}
    policy = ScrubPolicy(extra_fields=frozenset({"кодДеска"}))
    for raw in (json.dumps(document).encode(), orjson.dumps(document), None):
        assert "hunter2" not in str(scrubbed(document, policy, raw)["extra"]["кодДеска"])


def test_the_record_names_paths_and_kinds_and_counts_what_the_sdk_filtered() -> None:
    document = frame_with(password="hunter2", note="'Bearer abc123'") | {
        "extra": {"token": "[Filtered]", "x": "[Filtered]"}
    }
    removed = scrub_document(document, POLICY)
    assert document["extra"] == {"token": "[Filtered]", "x": "[Filtered]"}
    assert removed == document["_removed"] == [
        {"path": "exception.values.0.stacktrace.frames.0.vars.password", "kind": "password"},
        {"path": "exception.values.0.stacktrace.frames.0.vars.note", "kind": "token"},
        {"path": "extra.token", "kind": "filtered by the sdk"},
        {"path": "extra.x", "kind": "filtered by the sdk"},
    ]  # fmt: skip


def test_a_clean_document_gets_no_record() -> None:
    document = {"message": "fine"}
    assert scrub_document(document, POLICY) == []
    assert document == {"message": "fine"}


def test_the_record_ends_at_a_hundred_and_the_removal_does_not() -> None:
    document = {"extra": [{"password": "hunter2"} for _ in range(300)]}
    assert len(scrub_document(document, POLICY)) == len(document["_removed"]) == 100
    assert b"hunter2" not in orjson.dumps(document)


def test_nesting_beyond_every_limit_is_cut() -> None:
    nested: Any = {"password": "hunter2"}
    for _ in range(900):
        nested = {"a": nested}
    scrub_document(nested, POLICY)
    assert "hunter2" not in json.dumps(nested)


NAMES = st.sampled_from(
    "password apiKey x-api-key token session cookie ip_address client client_ip iban order_id symbol qty value name key "
    "id note url desk_badge 名".split()
)
TEXTS = st.sampled_from(
    ["", "BTC-USD", "10.0.0.1", "a=b; c=d", "Bearer abc123", "https://u:p@h/?token=x&a=1", "4111111111111111", "[Filtered]",
     "{'password': 'x'}", '{"token": "x", "qty": [1]}', "[removed: token]", "DE89370400440532013000", "pass%77ord=1",
     "line\npassword: x", "say \"hi\" \\", "--token", "\\u0070assword=1", "b'cookie'"]
) | st.text(max_size=12)  # fmt: skip
DOCUMENTS = st.dictionaries(
    NAMES | st.text(max_size=8),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | TEXTS,
        lambda child: st.lists(child, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), child, max_size=4),
        max_leaves=12,
    ),
    max_size=5,
)


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from([POLICY, KEEPING]))
def test_scrubbing_twice_changes_nothing_more(document: dict[str, Any], policy: ScrubPolicy) -> None:
    scrub_document(document, policy)
    once = copy.deepcopy(document)
    assert scrub_document(document, policy) == []
    assert document == once


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from([POLICY, KEEPING]))
@example({"symbol": {"id": "4111111111111111"}}, POLICY)
@example({"order": {"id": "4111111111111111"}}, POLICY)
@example({"card": {"ids": [4111111111111111]}}, POLICY)
@example({"ip_address": [{"client": "4111111111111111"}]}, KEEPING)
@example({"order": "4111111111111111", "order_id": "4111111111111111"}, POLICY)
@example({"message": "order 4111111111111111 of client 4111111111111111"}, POLICY)
def test_the_pass_over_the_bytes_misses_nothing_that_a_walk_finds(
    document: dict[str, Any], policy: ScrubPolicy
) -> None:
    walked = copy.deepcopy(document)
    walk = _Walk(rules_for(policy))
    walk.is_clean = lambda value: False  # type: ignore[method-assign]
    walk.document(walked)
    walked.pop("_removed", None)
    for raw in (orjson.dumps(document), json.dumps(document).encode(), None):
        for few in (1, survey.FEW):  # taken apart at its names, and as it is
            quick = copy.deepcopy(document)
            with mock.patch.object(survey, "FEW", few):
                scrub_document(quick, policy, raw)
            quick.pop("_removed", None)
            assert quick == walked


CARRIERS = st.sampled_from(
    [
        lambda secret: {"password": secret},
        lambda secret: {"dbPassword": [secret, 1]},
        lambda secret: [["X-Api-Key", secret]],
        lambda secret: [{"name": "client_secret", "value": secret}],
        lambda secret: {"cookies": {"sid": secret}},
        lambda secret: f"GET https://h/x?access_token={secret}&symbol=BTC",
        lambda secret: f"mysql://root:{secret}@db/orders",
        lambda secret: f"Authorization: Bearer {secret}",
        lambda secret: repr({"user": "bob", "password": secret}),
        lambda secret: json.dumps({"qty": 1, "auth_token": secret}),
        lambda secret: json.dumps({"inner": json.dumps({"secretKey": secret})}),
        lambda secret: f"Login(user='bob', passphrase={secret!r})",
        lambda secret: f"symbol=BTC&passwd={secret}",
        lambda secret: ["run", "--password", secret],
        lambda secret: f"Cookie: a={secret}; b={secret}",
    ]
)


@settings(deadline=None)
@given(
    DOCUMENTS,
    CARRIERS,
    st.from_regex(r"\Ahunter2[A-Za-z0-9!$*+._~-]{0,12}\Z"),
    st.lists(NAMES, max_size=4),
    st.booleans(),
)
def test_a_planted_secret_survives_nowhere(
    document: dict[str, Any], carrier: Any, secret: str, places: list[str], is_listed: bool
) -> None:
    planted = carrier(secret)
    for place in places:
        planted = {place: [planted]} if is_listed else {place: planted}
    document["extra"] = planted
    scrub_document(document, POLICY, orjson.dumps(document))
    assert b"hunter2" not in orjson.dumps(document)
