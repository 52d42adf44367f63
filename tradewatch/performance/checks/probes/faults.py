"""What went wrong, in words of ours: what libraries say may quote a password."""

import ssl
from collections.abc import Iterator

import httpx
import psycopg

from tradewatch.core.net import ForbiddenAddressError
from tradewatch.performance.checks.choices import Level


class Unfit(Exception):
    """The other side answered, and not as expected. The text is for people."""


class NotAsked(Exception):
    """The run cannot be made as it is configured: nothing is known of the other side. The text is for people."""


def fault_words(error: Exception) -> tuple[Level, str]:
    """Return what an error of a run means. Nothing of an unknown one but its name is repeated."""
    match error:
        case Unfit():
            return Level.FAILED, str(error)
        case NotAsked():
            return Level.NOT_RUN, str(error)
        case ForbiddenAddressError():
            return Level.NOT_RUN, f"not asked: {error}; an administrator may allow an internal target"
        case httpx.TimeoutException():
            return Level.FAILED, "no answer in time"
        case httpx.ConnectError() | httpx.ReadError() | httpx.WriteError():
            return Level.FAILED, _connection_words(error)
        case httpx.HTTPError():
            return Level.FAILED, f"the connection broke: {type(error).__name__}"
        case psycopg.Error():
            return Level.FAILED, _postgres_words(error)
        case OSError():
            return Level.FAILED, _os_words(error)
        case _:
            return Level.FAILED, type(error).__name__


def _connection_words(error: Exception) -> str:
    """httpx, httpcore and anyio each wrap what happened: the innermost says it."""
    if str(error).startswith("cannot resolve"):
        return str(error)
    causes = [cause for cause in _causes(error) if isinstance(cause, OSError)]
    known = [cause for cause in causes if isinstance(cause, ssl.SSLError) or cause.errno is not None]
    return _os_words((known or causes)[-1]) if causes else _certificate_words(str(error)) or "cannot connect"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from _causes(error.exceptions[-1])
        error = error.__cause__ or error.__context__


def _os_words(error: OSError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"certificate refused: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {(error.reason or 'handshake').replace('_', ' ').lower()}"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionResetError() | BrokenPipeError():
            return "connection reset"
        case _:
            words = str(error)
            if "Connect call failed" in words or "refused" in words:
                return "connection refused"
            return _certificate_words(words) or (error.strerror or type(error).__name__).lower()


def _certificate_words(text: str) -> str:
    """httpcore keeps the text of a refused certificate, and no more."""
    _, found, rest = text.partition("certificate verify failed: ")
    return f"certificate refused: {rest.partition(' (_ssl')[0]}" if found else ""


def _postgres_words(error: psycopg.Error) -> str:
    if error.sqlstate:
        return f"PostgreSQL said {error.sqlstate}: {type(error).__name__}"
    text = str(error)
    for sign, words in (
        ("password authentication failed", "password authentication failed"),
        ("no password supplied", "the server asks for a password"),
        ("refused", "connection refused"),
        ("timeout", "no answer in time"),
        ("does not exist", "no such database or role"),
        ("starting up", "the server is starting up"),
        ("shutting down", "the server is shutting down"),
        ("too many", "too many connections"),
        ("SSL", "TLS failed"),
    ):
        if sign in text:
            return words
    return "cannot connect"
