from decimal import Decimal

import pytest

from examples.trading_app.domain import Account, Order, RiskLimitExceeded, Tier
from examples.trading_app.margin import margin_check_of
from examples.trading_app.risk import check_risk
from examples.trading_app.store import Store


def make_order(quantity: int = 10, price: str = "100") -> Order:
    return Order("ord-1", "acc-1", "ACME", "buy", quantity, Decimal(price))


def make_account(tier: Tier = Tier.RETAIL, cash: int = 10_000, limit: int = 5_000) -> Account:
    return Account("acc-1", "Ada", tier, Decimal(cash), Decimal(limit))


@pytest.mark.parametrize("tier", Tier)
def test_the_good_release_knows_every_tier(tier: Tier) -> None:
    margin = margin_check_of("trading-api@2.0.0")
    assert check_risk(make_account(tier), make_order(), margin_check=margin) == Decimal(200)


@pytest.mark.parametrize(("tier", "margin"), [(Tier.RETAIL, 500), (Tier.PROFESSIONAL, 200)])
def test_the_bad_release_works_for_most(tier: Tier, margin: int) -> None:
    check = margin_check_of("trading-api@2.0.1")
    assert check_risk(make_account(tier), make_order(), margin_check=check) == Decimal(margin)


def test_the_bad_release_fails_institutional_accounts() -> None:
    with pytest.raises(KeyError, match="institutional"):
        check_risk(make_account(Tier.INSTITUTIONAL), make_order(), margin_check=margin_check_of("trading-api@2.0.1"))


@pytest.mark.parametrize(("tier", "margin"), [(Tier.RETAIL, 500), (Tier.PROFESSIONAL, 200), (Tier.INSTITUTIONAL, 200)])
def test_the_repaired_release_knows_every_tier_again(tier: Tier, margin: int) -> None:
    check = margin_check_of("trading-api@2.0.2")
    assert check_risk(make_account(tier), make_order(), margin_check=check) == Decimal(margin)


@pytest.mark.parametrize(
    ("quantity", "cash", "why"), [(51, 10_000, "above the limit of 5000"), (40, 799, "above the cash of 799")]
)
def test_risk_is_refused_with_its_reason(quantity: int, cash: int, why: str) -> None:
    with pytest.raises(RiskLimitExceeded, match=why):
        check_risk(make_account(cash=cash), make_order(quantity), margin_check=margin_check_of("trading-api@2.0.0"))


def test_one_account_of_the_store_meets_the_bad_release() -> None:
    hit = [account.id for account in Store().accounts.values() if account.tier is Tier.INSTITUTIONAL]
    assert hit == ["acc-4"]
