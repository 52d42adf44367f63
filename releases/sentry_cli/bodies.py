"""How large a request of sentry-cli may be. Asked by its views, and by the edge before a body is read."""

import re

from django.conf import settings

PREFIX = "/api/0/"
_FILES = re.compile(r"/api/0/.+/files/?")


def most_usual() -> int:
    """Return the bytes of any request but that of a file: commits with their files are the largest."""
    return int(20 * settings.MIB)


def most_with_file() -> int:
    return int(settings.ARTIFACT_MAX_BYTES) + int(settings.MIB)


def most_at(path: str) -> int | None:
    """Return how many bytes a request to `path` may have; None: it is none of sentry-cli's."""
    if not path.startswith(PREFIX):
        return None
    return most_with_file() if _FILES.fullmatch(path) else most_usual()
