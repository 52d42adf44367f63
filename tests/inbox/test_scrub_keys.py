# ruff: noqa: SIM905 - word lists read best as words
import pytest
from sentry_sdk.scrubber import DEFAULT_DENYLIST, DEFAULT_PII_DENYLIST

from tradewatch.inbox.scrub import ScrubPolicy
from tradewatch.inbox.scrub.keys import is_identifier, kind_of
from tradewatch.inbox.scrub.policy import rules_for


@pytest.mark.parametrize("name", DEFAULT_DENYLIST + DEFAULT_PII_DENYLIST)
def test_every_name_the_sdk_denies_is_denied_in_every_spelling(name: str) -> None:
    spellings = {name, name.lower(), name.title(), name.replace("_", "-"), name.replace("-", "_")}
    assert all(kind_of(spelling) for spelling in spellings)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("apiKey", "api key"),
        ("X-Api-Key", "api key"),
        ("X-MBX-APIKEY", "api key"),
        ("CB-ACCESS-KEY", "api key"),
        ("dbPassword", "password"),
        ("dbpassword", "password"),
        ("DB_PASSWORD", "password"),
        ("password1", "password"),
        ("passwordHash", "password"),
        ("access_token", "token"),
        ("accesstoken", "token"),
        ("OAuthToken", "token"),
        ("refresh-token", "token"),
        ("csrfmiddlewaretoken", "token"),
        ("client_secret", "secret"),
        ("private_key", "private key"),
        ("SECRET_KEY", "secret"),
        ("signingKey", "secret"),
        ("AccountKey", "secret"),
        ("aws_access_key_id", "api key"),
        ("Proxy-Authorization", "authorization"),
        ("set-cookie", "cookie"),
        ("JSESSIONID", "session"),
        ("session_key", "session"),
        ("user.credentials", "credentials"),
        ("clientIp", "ip address"),
        ("HTTP_X_FORWARDED_FOR", "ip address"),
        ("CF-Connecting-IP", "ip address"),
        ("net.peer.ip", "ip address"),
    ],
)
def test_names_of_secrets(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "name",
    """symbol quantity qty price order_id clOrdId exec_id trade_id account account_id account_key isin lei author
    authority secretary trading_session market_session session_date trading_session_id token_count token_type max_tokens
    prompt_tokens base_token next_page_token tokenizer password_changed_at password_policy cookie_name session_count
    sid did trace_id span_id status release environment timestamp sequence venue zip description script tip passenger
    keyboard key keys monkey PWD OLDPWD design assignment 价格""".split(),
)
def test_names_that_stay(name: str) -> None:
    assert kind_of(name) is None


@pytest.mark.parametrize(
    "name", "order_id orderId clOrdId OrigClOrdID exec_id trade_id order_no event_id id seq".split()
)
def test_identifiers(name: str) -> None:
    assert is_identifier(name)


@pytest.mark.parametrize("name", ["card", "card_id", "pan", "number", "account_id", "", "payment_number"])
def test_no_identifiers(name: str) -> None:
    assert not is_identifier(name)


def test_a_projects_own_fields_count_in_any_spelling() -> None:
    rules = rules_for(ScrubPolicy(extra_fields=frozenset({"Trader-Badge", ""})))
    assert {rules.kind(name) for name in ("trader_badge", "traderBadge", "TRADERBADGE")} == {"project field"}
    assert rules.kind("badge") is None


def test_addresses_may_stay_by_setting() -> None:
    assert rules_for(ScrubPolicy(keeps_ip_addresses=True)).kind("ip_address") is None
    assert rules_for(ScrubPolicy(keeps_ip_addresses=False)).kind("ip_address") == "ip address"
