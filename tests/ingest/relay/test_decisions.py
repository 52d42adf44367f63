"""What the relay decides from values alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.core.dsn import BadDsnError, read_dsn
from tradewatch.core.net import ForbiddenAddressError
from tradewatch.ingest.relay.answers import Fate, Outcome, failed, outcome_of
from tradewatch.ingest.relay.choices import BY_WORTH, CATEGORY_OF_TYPE, KIND_OF_TYPE, UpstreamState
from tradewatch.ingest.relay.circuit import LOOKED_AGAIN, Standing, after, pause_seconds, waiting
from tradewatch.ingest.relay.faults import faults_in
from tradewatch.ingest.relay.limits import limited_until, merged, read_limits, read_retry_after
from tradewatch.ingest.relay.sampling import is_chosen

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EPOCH = NOW.timestamp()


@pytest.mark.parametrize(
    ("text", "url", "host", "port"),
    [
        ("https://abc@o1.sentry.example/42", "https://o1.sentry.example/api/42/envelope/", "o1.sentry.example", 443),
        ("http://abc@10.0.0.7:9000/42", "http://10.0.0.7:9000/api/42/envelope/", "10.0.0.7", 9000),
        ("https://abc:old@s.example/sub/path/42/", "https://s.example/sub/path/api/42/envelope/", "s.example", 443),
        ("http://abc@[::1]:8000/42", "http://[::1]:8000/api/42/envelope/", "::1", 8000),
    ],
)  # fmt: skip
def test_a_dsn_is_read(text: str, url: str, host: str, port: int) -> None:
    dsn = read_dsn(text)
    assert (dsn.url, dsn.host, dsn.port, dsn.key) == (url, host, port, "abc")
    assert "abc" not in dsn.place


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "https://s.example/42", "https://abc@/42", "https://abc@s.example", "https://abc@s.example/",
     "ftp://abc@s.example/42", "https://abc@s.example:port/42", "https://a,b@s.example/42", "https://abc@s/42?x=1"],
)  # fmt: skip
def test_what_is_no_dsn_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadDsnError) as raised:
        read_dsn(text)
    assert "abc" not in str(raised.value)


@pytest.mark.parametrize(
    ("header", "limits"),
    [
        ("60:error;transaction:project:quota", {"error": 60, "transaction": 60}),
        ("60:error:organization, 2700:transaction:key", {"error": 60, "transaction": 2700}),
        ("5::organization", {"": 5}),
        ("5", {"": 5}),
        ("60:error:project, 10:error:key", {"error": 60}),
        ("x:error, :transaction, 7:session", {"session": 7}),
        ("nan:error, 1e9:error", {"error": 86400}),
        ("", {}),
    ],
)
def test_rate_limits_are_read(header: str, limits: dict[str, float]) -> None:
    assert {name: until - EPOCH for name, until in read_limits(header, now=EPOCH).items()} == limits


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("17", 17), ("0", 0), ("-5", 0), ("Mon, 23 Nov 2026 12:01:40 GMT", 100), ("Sun, 22 Nov 2026 12:00:00 GMT", 0),
     ("soon", None), ("", None)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date(header: str, seconds: float | None) -> None:
    until = read_retry_after(header, now=EPOCH)
    assert (until if until is None else until - EPOCH) == seconds


@pytest.mark.parametrize(
    ("category", "limits", "is_limited"),
    [
        ("error", {"error": 1}, True),
        ("error", {"transaction": 1}, False),
        ("error", {"": 1}, True),
        ("error", {"error": -1}, False),
        ("log_item", {"log_byte": 1}, True),
    ],
)
def test_a_limit_holds_for_its_category(category: str, limits: dict[str, float], is_limited: bool) -> None:
    ahead = {name: EPOCH + seconds for name, seconds in limits.items()}
    assert (limited_until(category, ahead, now=EPOCH) is not None) is is_limited


def test_of_two_limits_the_longer_holds_and_what_is_over_goes() -> None:
    known = {"error": EPOCH + 10, "session": EPOCH - 1}
    assert merged(known, {"error": EPOCH + 5, "": EPOCH + 3}, now=EPOCH) == {"error": EPOCH + 10, "": EPOCH + 3}


@pytest.mark.parametrize(
    ("status", "headers", "body", "fate", "detail"),
    [
        (200, {}, b'{"id":"1"}', Fate.SENT, ""),
        (202, {}, b"", Fate.SENT, ""),
        (429, {"retry-after": "7"}, b"", Fate.LIMITED, "429"),
        (429, {"x-sentry-rate-limits": "60:error:key"}, b"", Fate.LIMITED, "429"),
        (413, {}, b'{"detail":"too large","causes":["event is 2 MB"]}', Fate.REFUSED, "413: too large: event is 2 MB"),
        (403, {"x-sentry-error": "bad key"}, b"{}", Fate.REFUSED, "403: bad key"),
        (401, {}, b"<html>no</html>", Fate.REFUSED, "401"),
        (404, {}, b"nothing\r\nhere", Fate.REFUSED, "404: nothing  here"),
        (302, {"location": "http://10.0.0.1/"}, b"", Fate.REFUSED, "302"),
        (408, {}, b"", Fate.FAILED, "408"),
        (500, {}, b"", Fate.FAILED, "500"),
        (502, {}, b"<html>", Fate.FAILED, "502"),
        (503, {"retry-after": "7"}, b"", Fate.FAILED, "503"),
    ],
)
def test_an_answer_has_one_meaning(status: int, headers: dict[str, str], body: bytes, fate: Fate, detail: str) -> None:
    outcome = outcome_of(status, headers, body, category="error", now=EPOCH)
    assert (outcome.fate, outcome.detail) == (fate, detail)


def test_an_address_that_may_not_be_called_is_told_in_words() -> None:
    told = failed(ForbiddenAddressError("10.0.0.1 is inside your network"))
    assert told.detail == "not called: 10.0.0.1 is inside your network" and told.fate == Fate.FAILED
    assert failed(TimeoutError()).detail == "TimeoutError"


def test_a_429_without_words_lasts_a_minute_and_a_200_may_limit_too() -> None:
    def outcome(status: int, **headers: str) -> Outcome:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return outcome_of(status, named, b"", category="error", now=EPOCH)

    assert outcome(429).limits == {"": EPOCH + 60}
    assert outcome(429, retry_after="5").limits == {"": EPOCH + 5}
    assert outcome(200, x_sentry_rate_limits="9:session:key").limits == {"session": EPOCH + 9}
    assert outcome(503, retry_after="5").retry_at == EPOCH + 5


def test_pauses_double_up_to_a_minute_and_are_spread_by_a_quarter() -> None:
    assert [pause_seconds(number, 0.5) for number in (1, 2, 3, 6, 7, 500)] == [1, 2, 4, 32, 60, 60]
    assert (pause_seconds(7, 0.0), pause_seconds(7, 1.0)) == (45, 75)


def test_an_upstream_goes_down_waits_longer_each_time_and_comes_up_again() -> None:
    bad, good = failed(ConnectionError("refused")), Outcome(Fate.SENT)
    standing = after(Standing(), [bad, bad], draw=0.5, now=NOW)
    assert (standing.state, standing.since, standing.failures) == (UpstreamState.DOWN, NOW, 1)
    assert (standing.next_at, standing.detail) == (NOW + timedelta(seconds=1), "ConnectionError: refused")
    later = NOW + timedelta(minutes=1)
    standing = after(standing, [bad], draw=0.5, now=later)
    assert (standing.since, standing.failures, standing.next_at) == (NOW, 2, later + timedelta(seconds=2))
    standing = after(standing, [good], draw=0.5, now=later)
    assert (standing.state, standing.since, standing.failures, standing.next_at) == (UpstreamState.UP, later, 0, None)


def test_an_upstreams_wish_is_kept_to_and_one_bad_entry_is_no_outage() -> None:
    wish = Outcome(Fate.FAILED, "503", retry_at=EPOCH + 30)
    assert after(Standing(), [wish], draw=0.5, now=NOW).next_at == NOW + timedelta(seconds=30)
    mixed = after(Standing(), [wish, Outcome(Fate.SENT)], draw=0.5, now=NOW)
    assert (mixed.state, mixed.next_at) == (UpstreamState.UP, NOW + timedelta(seconds=1))


def test_waiting_for_limits_is_not_being_down() -> None:
    standing = after(
        Standing(), [Outcome(Fate.LIMITED, "429", {"error": EPOCH + 60}, None, "error")], draw=0.5, now=NOW
    )
    assert (standing.state, standing.limits) == (UpstreamState.UP, {"error": EPOCH + 60})
    standing = waiting(standing, NOW + timedelta(seconds=2), now=NOW)
    assert (standing.state, standing.next_at) == (UpstreamState.WAITING, NOW + timedelta(seconds=2))
    standing = waiting(standing, NOW + timedelta(hours=24), now=NOW)
    assert standing.next_at == NOW + LOOKED_AGAIN, "something of another category may come"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "0"}, 1),
        ({"retry-after": "Mon, 23 Nov 2026 11:59:00 GMT"}, 1),
        ({"x-sentry-rate-limits": "0:error:key"}, 1),
        ({"x-sentry-rate-limits": "3600:transaction:key"}, 1),
        ({"x-sentry-rate-limits": "3600:transaction:key", "retry-after": "20"}, 20),
        ({"x-sentry-rate-limits": "3600:transaction:key", "retry-after": "3600"}, 60),
        ({"x-sentry-rate-limits": "5:error:key", "retry-after": "3600"}, 5),
    ],
)
def test_a_429_always_holds_back_what_it_answers(headers: dict[str, str], seconds: float) -> None:
    outcome = outcome_of(429, headers, b"", category="error", now=EPOCH)
    limits = after(Standing(), [outcome], draw=0.5, now=NOW).limits or {}
    assert limited_until("error", limits, now=EPOCH) == EPOCH + seconds
    assert limited_until("session", limits, now=EPOCH) is None, "others go on"


def test_a_429_that_says_nothing_of_use_is_waited_for_longer_each_time_until_something_goes() -> None:
    no_use = Outcome(Fate.LIMITED, "429", {"error": EPOCH}, EPOCH, "error")
    standing, pauses = Standing(), []
    for _ in range(8):
        standing = after(standing, [no_use], draw=0.5, now=NOW)
        pauses.append((standing.limits or {})["error"] - EPOCH)
        standing = replace(standing, limits={})
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60] and standing.state == UpstreamState.UP
    standing = after(standing, [no_use, Outcome(Fate.SENT)], draw=0.5, now=NOW)
    assert (standing.failures, standing.next_at, standing.limits) == (0, None, {"error": EPOCH + 1})


def test_a_share_is_drawn_by_the_trace() -> None:
    chosen = [is_chosen(str(number), 0.3) for number in range(10_000)]
    assert chosen == [is_chosen(str(number), 0.3) for number in range(10_000)]
    assert 2_800 < sum(chosen) < 3_200
    assert all(is_chosen(str(number), 0.6) for number in range(10_000) if chosen[number]), "a larger share holds it"
    assert all(is_chosen(str(number), 1.0) for number in range(100))
    assert not any(is_chosen(str(number), 0.0) for number in range(100))
    both = sum(is_chosen(str(number), 0.3, of="profile") for number in range(10_000) if chosen[number])
    assert 700 < both < 1_100, "a share of a share is drawn anew"


def test_every_category_has_its_worth_and_every_type_its_kind() -> None:
    assert set(KIND_OF_TYPE) == set(CATEGORY_OF_TYPE)
    assert set(CATEGORY_OF_TYPE.values()) - {"profile"} == set(BY_WORTH)  # a profile never goes alone


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, None),
        ({"rates": {"error_sample_rate": 1.5}}, "error_sample_rate"),
        ({"rates": {"trace_sample_rate": float("nan")}}, "trace_sample_rate"),
        ({"rates": {"trace_sample_rate": None}}, None),
        ({"kinds": ["errors", "wishes"]}, "kinds"),
        ({"kinds": "errors"}, "kinds"),
        ({"dsn": "https://sentry.example/1"}, "dsn"),
        ({"dsn": "https://abc@sentry.example/1"}, None),
    ],
)
def test_faults_name_their_field(fields: dict[str, object], fault: str | None) -> None:
    found = faults_in(**{"kinds": ["errors"], "dsn": "", "rates": {}, **fields})  # type: ignore[arg-type]
    assert list(found) == ([fault] if fault else [])
