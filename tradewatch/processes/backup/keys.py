"""Whether what a backup holds encrypted can be read here, without the backup holding the key. Pure but for settings.

Stored secrets are Fernet tokens under TRADEWATCH_SECRET_KEY. The backup carries one more, of a text that is known: who
can read it can read them all.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from tradewatch.core.encryption import Undecipherable, decrypt, encrypt, is_current
from tradewatch.processes.backup.faults import BackupFault

_KNOWN = "TradeWatch backup"
_OTHER_KEY = (
    "the backup was made under another secret key: the secrets in it (channels, second factors, targets) could not be "
    "read. Put that key into TRADEWATCH_SECRET_KEY; or name it in TRADEWATCH_SECRET_KEY_FALLBACKS: the secrets are "
    "read, and people are then counted anew (who met an issue before counts twice); or, if it is lost, restore with "
    "--without-secrets and enter them again"
)


def key_records(*, with_key: bool) -> dict[str, str]:
    """Return what the header says of the key, and the key itself when it was asked for."""
    check = {"key_check": encrypt(_KNOWN)}
    return check | {"secret_key": settings.SECRET_KEY} if with_key else check


def is_readable(header: Mapping[str, Any]) -> bool:
    try:
        return decrypt(str(header["key_check"])) == _KNOWN
    except Undecipherable:
        return False


def take_key(header: Mapping[str, Any], *, without_secrets: bool) -> bool:
    """Make sure that the backup's secrets are readable: by the key that is set, or by the one that came with it.

    That goes to HOME/secret_key, in place of a key that the empty installation made itself. Return whether the
    backup's key is the one in force from here on: under another, people are counted anew. Raises `BackupFault`.
    """
    if is_readable(header):
        return is_current(str(header["key_check"]))
    own, brought = Path(settings.HOME) / "secret_key", header.get("secret_key")
    if brought and own.is_file() and own.read_text().strip() == settings.SECRET_KEY:
        draft = own.with_name(".secret_key.restored")
        draft.touch(mode=0o600)
        draft.write_text(str(brought))
        draft.replace(own)
        return True
    if not without_secrets:
        raise BackupFault(_OTHER_KEY)
    return False
