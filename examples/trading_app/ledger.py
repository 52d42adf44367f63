"""Moves cash between accounts."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from examples.trading_app.domain import LedgerLockTimeout
from examples.trading_app.store import Store

LOCK_WAIT_SECONDS = 0.4
JOURNAL_SECONDS = 0.05


def transfer(store: Store, source: str, target: str, amount: Decimal) -> None:
    """Move `amount`; raise `LedgerLockTimeout` when one of the two accounts stays locked.

    Locks in the order it was asked in, so that A to B and B to A at once wait for each other: the deadlock that the
    example has on purpose. (Locking in sorted order would end it.)
    """
    with _held(store.account_locks[source], source):
        _write_journal()
        with _held(store.account_locks[target], target):
            store.move_cash(source, target, amount)


@contextmanager
def _held(lock: threading.Lock, account_id: str) -> Iterator[None]:
    if not lock.acquire(timeout=LOCK_WAIT_SECONDS):
        raise LedgerLockTimeout(f"account {account_id} stayed locked for {LOCK_WAIT_SECONDS} s: a deadlock?")
    try:
        yield
    finally:
        lock.release()


def _write_journal() -> None:
    time.sleep(JOURNAL_SECONDS)  # stands for a disk
