"""Signs of life of web processes, with how many live sockets each holds.

Each writes its own row; who reads adds up the fresh ones. The row goes when the process stops. One that was killed no
longer counts once its sign is too old, and its row goes a day later.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.core.models import Pulse

WEB = "web"  # what the names of all of them begin with: web:<machine>:<process id>:<sockets>
SECONDS = 10.0
FORGOTTEN_AFTER = timedelta(days=1)
logger = logging.getLogger(__name__)


class Webs(NamedTuple):
    processes: int
    sockets: int


class OpenSockets:
    """How many live sockets this process holds. Counted on its event loop, read by its thread."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *ending: object) -> None:
        self.count -= 1


open_sockets = OpenSockets()


def webs_in(signs: Mapping[str, datetime], now: datetime) -> Webs:
    """Return what signs {name: when it was written} say of the processes that live. Of a process the newest counts."""
    newest: dict[str, tuple[datetime, int]] = {}
    for name, at in signs.items():
        if name.startswith(f"{WEB}:") and not pulse.is_late(at, now=now):
            process, _, held = name.rpartition(":")
            newest[process] = max(newest.get(process, (at, 0)), (at, int(held)))
    return Webs(len(newest), sum(held for _, held in newest.values()))


class Presence:
    """The thread of a web process that writes its sign."""

    def __init__(self) -> None:
        self._process = f"{WEB}:{socket.gethostname()[:60]}:{os.getpid()}"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Blocks until the sign is gone."""
        self._stopping.set()
        self._thread.join(10)

    def show(self, now: datetime) -> None:
        """Write the sign in place of the last one."""
        name = f"{self._process}:{open_sockets.count}"
        with transaction.atomic():
            pulse.beat(now, name=name)
            self._signs().exclude(name=name).delete()
            Pulse.objects.filter(name__startswith=f"{WEB}:", at__lt=now - FORGOTTEN_AFTER).delete()

    def _run(self) -> None:
        while True:
            self._try(lambda: self.show(timezone.now()))
            if self._stopping.wait(SECONDS):
                break
        self._try(lambda: self._signs().delete())

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except DatabaseError:
            logger.warning("no sign of life written: the database is away")
        finally:
            connections.close_all()

    def _signs(self) -> QuerySet[Pulse]:
        return Pulse.objects.filter(name__startswith=f"{self._process}:")
