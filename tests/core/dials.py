"""Watches every connection and datagram that this process begins, and lets none of them leave.

An audit hook (https://docs.python.org/3/library/audit_events.html) sees the address that is really dialled, whatever
library does it. It cannot be taken off: outside of `watching` it does nothing. What C libraries dial (libpq) it does
not see.
"""

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_EVENTS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_dialled: list[str] | None = None
_lets: frozenset[tuple[str, int]] = frozenset()
Answers = Sequence[Sequence[str]]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _dialled is None or event not in _EVENTS or not isinstance(arguments[1], tuple):
        return  # a socket of this machine has a path
    host, port = arguments[1][:2]
    _dialled.append(str(host))
    if (host, port) not in _lets:
        raise ConnectionRefusedError("a test lets nothing out")


sys.addaudithook(_hook)


@contextlib.contextmanager
def watching(*lets: tuple[str, int]) -> Iterator[list[str]]:
    """Give the list of addresses that are dialled meanwhile; only those of `lets` are reached."""
    global _dialled, _lets
    _dialled, _lets = [], frozenset(lets)
    try:
        yield _dialled
    finally:
        _dialled, _lets = None, frozenset()


def names(answers: Mapping[str, Answers]) -> Callable[..., Any]:
    """A `socket.getaddrinfo` that answers for these names, one list of addresses after the other, the last for good."""
    real, left = socket.getaddrinfo, {name: list(each) for name, each in answers.items()}

    def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in left:
            return real(host, port, *rest, **options)
        found = left[name].pop(0) if len(left[name]) > 1 else left[name][0]
        return [entry for address in found for entry in real(address, port, type=socket.SOCK_STREAM)]

    return getaddrinfo
