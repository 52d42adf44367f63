"""The arithmetic of the second factor: values in, value out. Codes are TOTP (https://www.rfc-editor.org/rfc/rfc6238),
six digits, a new one every 30 s; recovery codes are ours.
"""

import base64
import binascii
import hashlib
import io
import secrets
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import segno
from django_otp.oath import hotp

STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock may be half a minute off
SEED_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
FREE_FAILURES = 5
_LONGEST_WAIT = timedelta(minutes=15)


def new_seed() -> str:
    return base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()


def key_words(seed: str) -> str:
    """Return the seed in groups of four, for typing it off."""
    return " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))


def matching_step(seed: str, code: str, *, now: datetime, after_step: int) -> int | None:
    """Return the time step whose code this is, within 30 s of `now`; None for a wrong one.

    Steps up to `after_step` are spent: a code somebody read over a shoulder opens nothing a second time.
    """
    key, digits = _key(seed), "".join(code.split())
    if key is None or len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    step = int(now.timestamp()) // STEP_SECONDS
    for candidate in range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1):
        if candidate > after_step and secrets.compare_digest(f"{hotp(key, candidate):06d}", digits):
            return candidate
    return None


def wait_after(failures: int) -> timedelta:
    """Return how long no code is looked at after so many wrong ones in a row: five are free, then 30 s, doubling.

    About a hundred guesses a day at most, of a million codes.
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doubled: int = 2 ** min(failures - FREE_FAILURES, 10)
    return min(timedelta(seconds=30) * doubled, _LONGEST_WAIT)


def new_recovery_codes() -> list[str]:
    """Return ten codes as a person writes them down: `k7qd-2m5x-9rtb-h4wn`."""
    texts = (base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(text[at : at + 4] for at in range(0, 16, 4)) for text in texts]


def recovery_digest(code: str) -> str:
    """Return what is stored of a recovery code; case, spaces and dashes do not matter."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def otpauth_uri(seed: str, *, username: str, issuer: str) -> str:
    """Return what the QR code says (https://github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    return f"otpauth://totp/{quote(f'{issuer}:{username}')}?" + urlencode({"secret": seed, "issuer": issuer})


def qr_svg(text: str) -> str:
    """Return the QR code as an SVG element without inline styles; black on white in both themes: cameras need it."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out,
        kind="svg",
        scale=4,
        border=3,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=True,
        nl=False,
        omitsize=True,
    )
    return out.getvalue().decode()


def _key(seed: str) -> bytes | None:
    """Return the seed's bytes; None when it could not be deciphered (`EncryptedTextField` reads as empty then)."""
    try:
        return base64.b32decode(seed) or None
    except binascii.Error:
        return None
