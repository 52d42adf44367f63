"""Secrets at rest: what must be read again (a webhook's key, the seed of a second factor) is stored encrypted.

Fernet tokens (https://cryptography.io/en/latest/fernet/) under a key derived from SECRET_KEY. A key that was replaced
stays readable as long as TRADEWATCH_SECRET_KEY_FALLBACKS names it.
"""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

OTHER_KEY = "stored under another TRADEWATCH_SECRET_KEY: enter it again, or name the old key"


class Undecipherable(Exception):
    """The text was encrypted under a key that is neither SECRET_KEY nor one of its fallbacks."""


class Sealed(str):
    """What an undecipherable token reads as: the empty text. Saved, it is the token again: its key may yet be named."""

    __slots__ = ("token",)
    token: str

    @classmethod
    def of(cls, token: str) -> "Sealed":
        sealed = cls()
        sealed.token = token
        return sealed


def is_stored(text: str) -> bool:
    """Say whether a column of secrets holds something, be it sealed."""
    return bool(text) or isinstance(text, Sealed)


def encrypt(text: str) -> str:
    """Return `text` as a token that `decrypt` reads. The empty text stays empty: it is no secret."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """Return the text of a token of `encrypt`. Raises `Undecipherable`."""
    if not token:
        return ""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken:
        raise Undecipherable(OTHER_KEY) from None


def is_current(token: str) -> bool:
    """Return whether a token is under SECRET_KEY itself, so that no fallback is needed to read it."""
    try:
        Fernet(_derived(settings.SECRET_KEY)).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # Django has no such subscript at run time
    """Text that the database sees encrypted. Not searchable: the same text gives another token each time.

    Reads as the empty text (`Sealed`) when it cannot be deciphered, so that a page with it still opens and asks for it
    again. A row that is saved for another reason keeps what it cannot read.
    """

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if value is None:
            return None
        try:
            return decrypt(value)
        except Undecipherable:
            return Sealed.of(value)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value.token
        return None if value is None else encrypt(str(value))


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(secret_key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"tw-secrets").digest())
