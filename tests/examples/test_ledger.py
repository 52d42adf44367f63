from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from examples.trading_app.domain import LedgerLockTimeout
from examples.trading_app.ledger import transfer
from examples.trading_app.store import Store


def test_a_transfer_moves_cash() -> None:
    store = Store()
    before = {account.id: account.cash for account in store.accounts.values()}
    transfer(store, "acc-1", "acc-2", Decimal("100.25"))
    assert store.accounts["acc-1"].cash == before["acc-1"] - Decimal("100.25")
    assert store.accounts["acc-2"].cash == before["acc-2"] + Decimal("100.25")


def test_a_locked_account_ends_the_wait_and_moves_nothing() -> None:
    store = Store()
    before = store.accounts["acc-1"].cash
    with store.account_locks["acc-2"], ThreadPoolExecutor() as threads:
        error = threads.submit(transfer, store, "acc-1", "acc-2", Decimal(1)).exception()
    assert isinstance(error, LedgerLockTimeout)
    assert store.accounts["acc-1"].cash == before
    assert not store.account_locks["acc-1"].locked()


def test_opposite_transfers_wait_for_each_other() -> None:
    store = Store()
    total = sum(account.cash for account in store.accounts.values())
    with ThreadPoolExecutor() as threads:
        there = threads.submit(transfer, store, "acc-1", "acc-2", Decimal(5))
        back = threads.submit(transfer, store, "acc-2", "acc-1", Decimal(5))
        errors = [error for future in (there, back) if (error := future.exception())]
    assert errors
    assert {type(error) for error in errors} == {LedgerLockTimeout}
    assert sum(account.cash for account in store.accounts.values()) == total
