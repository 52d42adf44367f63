"""Redis: PING, after AUTH where the URL holds a password. The protocol is spoken here, so that the guard's address is
the one that is dialled: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP2)."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from tradewatch.core.net_async import guarded_connection
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.probes.certificates import context_of, expiry_of
from tradewatch.performance.checks.probes.faults import Unfit
from tradewatch.performance.checks.probes.reach import reach_of


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int
    has_tls: bool
    login: tuple[str, ...] = field(default=(), repr=False)


def read_url(url: str) -> Target:
    """Return what `redis://[[user]:password@]host[:port]` or `rediss://` names. A ValueError never quotes it."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or 6379
    except ValueError:
        raise ValueError("cannot be read") from None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("expected redis://[:password@]host[:port], or rediss:// with TLS")
    password, user = unquote(parts.password or ""), unquote(parts.username or "")
    login = ((user, password) if user else (password,)) if password else ()
    return Target(parts.hostname, port, parts.scheme == "rediss", login)


async def probe_redis(plan: Plan) -> Answer:
    target = read_url(plan.connection)
    tls = context_of(verifies=plan.verifies_tls) if target.has_tls else None
    reader, writer = await guarded_connection(target.host, target.port, reach_of(plan, target.host), tls=tls)
    try:
        expires_at = expiry_of(writer.get_extra_info("ssl_object"))
        if target.login:
            await _say(reader, writer, "AUTH", *target.login)
        said = await _say(reader, writer, "PING")
        if said != "PONG":
            raise Unfit("answered PING with something else than PONG")
        return Answer(Level.OK, said, tls_expires_at=expires_at)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *words: str) -> str:
    parts = [word.encode() for word in words]
    writer.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))
    await writer.drain()
    line = await _line(reader)
    if line.startswith("-"):
        raise Unfit(f"Redis refused {words[0]}: {line[1:].split(' ')[0]}")
    if not line.startswith("+"):
        raise Unfit("it does not speak Redis' protocol" if line else "the connection was closed")
    return line[1:]


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n")
    except ValueError:  # longer than the reader's limit
        raise Unfit("it does not speak Redis' protocol") from None
