"""The process in which apprise sends one message: `python -m alerts.apprise_child`, a job as JSON on its input.

apprise opens its connections itself (requests, smtplib and more), so `guarded_client` cannot stand before them. Here
an audit hook (https://docs.python.org/3/library/audit_events.html) does: every connection and datagram of the process
must go to an address that TradeWatch calls, and no program, no other process and no local socket can be reached. The
hook sees the address that is really dialled, after its name was resolved, and cannot be taken off.

It starts without Django's settings and with an empty environment: nothing secret is near, no proxy stands in between.
"""

import contextlib
import io
import json
import logging
import resource
import sys
from collections.abc import Sequence
from typing import Any

import apprise

from tradewatch.core.net import may_call

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20
SAID_AT_MOST = 5
_FORBIDDEN = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "ctypes.dlopen")


class Refused(Exception):
    """The guard said no. Not an OSError: libraries try the next address after those."""


def main() -> None:
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    result: dict[str, Any] = {"is_readable": False, "service": "", "is_sent": False, "said": [], "refused": ""}
    with contextlib.redirect_stdout(io.StringIO()):  # a plugin may print
        try:
            _work(job, result)
        except Exception as error:
            result["said"].append(type(error).__name__)
    json.dump(result, sys.stdout)


def _work(job: dict[str, Any], result: dict[str, Any]) -> None:
    logging.getLogger("apprise").addHandler(_Listener(result["said"]))
    sender = apprise.Apprise.instantiate(job["url"])
    if sender is None:
        return
    result["is_readable"], result["service"] = True, str(sender.service_name)
    if "body" not in job:  # only asked whether the URL can be read
        return
    guard(job["allowed"], result)
    result["is_sent"] = bool(sender.notify(body=job["body"], title=job["title"], notify_type=job["type"]))


def guard(allowed: Sequence[str], result: dict[str, Any]) -> None:
    """Refuse from now on what this process must not do. `allowed` are networks as in TRADEWATCH_OUTBOUND_ALLOW."""

    def judge(event: str, arguments: tuple[Any, ...]) -> None:
        fault = _fault_in(event, arguments, allowed)
        if fault:
            result["refused"] = fault  # whatever the plugin makes of the exception
            raise Refused(fault)

    sys.addaudithook(judge)


def _fault_in(event: str, arguments: tuple[Any, ...], allowed: Sequence[str]) -> str:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return _fault_in_address(arguments[1], allowed)
    if event in _FORBIDDEN or event.startswith("syslog."):
        return f"not allowed: {event}"
    return ""


def _fault_in_address(address: Any, allowed: Sequence[str]) -> str:
    """A name instead of an address is refused too: what it resolves to would be dialled unseen."""
    if address is None:  # sendmsg on a socket that is connected: judged when it connected
        return ""
    with contextlib.suppress(ValueError):
        if isinstance(address, tuple) and may_call(str(address[0]), allowed=allowed):
            return ""
    return "it leads to an address that is not public"


class _Listener(logging.Handler):
    """Collects what apprise says went wrong."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if len(self._said) < SAID_AT_MOST:
            self._said.append(record.getMessage()[:300])


if __name__ == "__main__":
    main()
