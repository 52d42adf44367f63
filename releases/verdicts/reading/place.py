"""What is read: an environment, the two stretches, and which releases are the deployed one."""

from dataclasses import dataclass
from datetime import datetime

from releases.verdicts.evidence import Stretch

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Place:
    """`version` empty: nothing has named it. `began_at`: since when an issue counts as new."""

    project_id: int
    environment: str
    version: str
    began_at: datetime
    before: Stretch
    after: Stretch

    def is_deployed(self, release: str) -> bool:
        """Return whether clients of this release run what was deployed: `api@2.0.1` is 2.0.1 too."""
        return bool(self.version) and self.version in (release, release.rpartition("@")[2])

    def is_another(self, release: str) -> bool:
        return bool(self.version and release) and not self.is_deployed(release)


def epochs(stretch: Stretch) -> tuple[int, int]:
    return int(stretch.start.timestamp()), int(stretch.end.timestamp())


def shared_epoch(stretch: Stretch) -> int | None:
    return None if stretch.shared is None else int(stretch.shared.timestamp())
