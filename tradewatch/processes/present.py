"""Signs of life of web processes, with how many live sockets each holds.

Each writes its own row; who reads adds up the fresh ones. The row goes when the process stops. One that was killed no
longer counts once its sign is too old, and its row goes a day later.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.core.models import Pulse
from tradewatch.core.rounds import Rounds
from tradewatch.processes.signs import forget_old, name_of_this

WEB = "web"  # what the names of all of them begin with: web:<machine>:<process id>:<sockets>
SECONDS = 10.0


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


class Presence(Rounds):
    """Writes the sign of a web process, in a thread of it; the sign goes when it is stopped."""

    def __init__(self) -> None:
        self._process = name_of_this(WEB)
        super().__init__(
            lambda: self.show(timezone.now()),
            name="presence",
            seconds=SECONDS,
            trouble="no sign of life written",
            at_once=True,
            last=lambda: self._signs().delete(),
        )

    def show(self, now: datetime) -> None:
        """Write the sign in place of the last one."""
        name = f"{self._process}:{open_sockets.count}"
        with transaction.atomic():
            pulse.beat(now, name=name)
            self._signs().exclude(name=name).delete()
            forget_old(WEB, now)

    def _signs(self) -> QuerySet[Pulse]:
        return Pulse.objects.filter(name__startswith=f"{self._process}:")
