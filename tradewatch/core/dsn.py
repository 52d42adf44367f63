"""A Sentry DSN: `https://KEY@HOST[:PORT][/PREFIX]/PROJECT`. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

EXPECTED = "a DSN: https://KEY@HOST/PROJECT"


class BadDsnError(ValueError):
    """The text is no DSN. Its words never repeat it: it holds a key."""


@dataclass(frozen=True, slots=True)
class Dsn:
    """`url` takes envelopes."""

    url: str
    host: str
    port: int
    key: str

    @property
    def place(self) -> str:
        """Where it leads, without the key."""
        return f"{self.host}:{self.port}"


def read_dsn(text: str) -> Dsn:
    """Return the parts of a DSN. Raises `BadDsnError`. A secret key after the public one (before 2016) is left out."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise BadDsnError(f"expected {EXPECTED}") from None
    prefix, _, project = parts.path.rstrip("/").rpartition("/")
    is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.username and project
    if not is_whole or parts.query or parts.fragment or not str(parts.username).isalnum():
        raise BadDsnError(f"expected {EXPECTED}")
    place = parts.netloc.rpartition("@")[2]
    return Dsn(
        url=f"{parts.scheme}://{place}{prefix}/api/{project}/envelope/",
        host=str(parts.hostname),
        port=port,
        key=str(parts.username),
    )
