"""Embedded, sending to upstreams is a process of its own: it costs CPU, which would be the digest's."""

import logging
import subprocess
import sys
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from tradewatch.ingest.models import RelayUpstream
from tradewatch.ingest.relay.relaying import is_wanted

LOOK_SECONDS = 2.0
logger = logging.getLogger(__name__)


def keep_relaying(stop: threading.Event) -> None:
    """Have the process run while something is to be relayed, and start it anew when it ends, until `stop` is set."""
    sender = _Process()
    while not stop.is_set():
        try:
            is_needed = is_wanted() or RelayUpstream.objects.filter(entries__gt=0).exists()
        except DatabaseError:
            close_old_connections()
        else:
            sender.start() if is_needed else sender.end()
        stop.wait(LOOK_SECONDS)
    sender.end()


class _Process:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def start(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                return
            logger.warning("the relay's process ended with code %s, starting it again", self._process.returncode)
            self.end()
        self._line, theirs = Pipe()
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "relay", "--line", str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # noqa: S603
        theirs.close()

    def end(self) -> None:
        """Close the line: the process reads that nobody wants it any more, and ends by itself."""
        if self._line is not None:
            self._line.close()
        self._process = self._line = None
