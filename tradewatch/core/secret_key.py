"""The secret key of an install: made once, kept in the data folder, readable by its owner alone."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def load_or_create_secret_key(home: Path) -> str:
    """Return the key in `home/secret_key`; of several processes that start at once, one creates it."""
    path = home / "secret_key"
    if not path.exists():
        _, draft = tempfile.mkstemp(dir=home, prefix=".secret_key")
        Path(draft).write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # a link, not a rename: it never replaces another process's key
        Path(draft).unlink()
    return path.read_text().strip()
