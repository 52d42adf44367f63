"""The line between the web process and its worker: an inherited socket pair that carries short words both ways."""

import contextlib
import socket
from collections.abc import Iterator


class Link:
    """One end. A word that finds the buffer full is dropped: the other side is awake anyway, and sweeps each second."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    @classmethod
    def from_fd(cls, fd: int) -> "Link":
        return cls(socket.socket(fileno=fd))

    def send(self, word: str) -> None:
        with contextlib.suppress(OSError):  # full (BlockingIOError) or the other process is gone
            self._end.send(word.encode() + b"\n", socket.MSG_DONTWAIT)

    def words(self) -> Iterator[str]:
        """Yield what the other end says; ends when that process is gone."""
        rest = b""
        while data := self._heard():
            *lines, rest = (rest + data).split(b"\n")
            yield from dict.fromkeys(line.decode() for line in lines)  # a burst of equal words is one

    def _heard(self) -> bytes:
        """Return what came, nothing when the other process is gone; one that was killed with words unread resets."""
        try:
            return self._end.recv(65536)
        except ConnectionError:
            return b""


def link_pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends; the second is inheritable."""
    ours, theirs = socket.socketpair()
    theirs.set_inheritable(True)
    return ours, theirs
