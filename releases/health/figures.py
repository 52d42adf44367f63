"""What sessions say about a release. Values in, values out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """Sessions are exact; users are about as many as said (HyperLogLog, 1.6%), shown with ≈.

    `all_sessions` and `all_users`: of every release in the same environment and time.
    """

    sessions: int = 0
    errored: int = 0
    crashed: int = 0
    users: int = 0
    crashed_users: int = 0
    all_sessions: int = 0
    all_users: int = 0

    @property
    def crash_free_sessions(self) -> float | None:
        """From 0 to 1; None without sessions: silence is unknown, not healthy."""
        return _free(self.crashed, self.sessions)

    @property
    def crash_free_users(self) -> float | None:
        return _free(self.crashed_users, self.users)

    @property
    def adoption(self) -> float | None:
        """Return the release's share of all sessions; None where there were none."""
        return _share(self.sessions, self.all_sessions)

    @property
    def user_adoption(self) -> float | None:
        return _share(self.users, self.all_users)


def _free(bad: int, every: int) -> float | None:
    return max(every - bad, 0) / every if every else None


def _share(own: int, every: int) -> float | None:
    return min(own / every, 1.0) if every else None
