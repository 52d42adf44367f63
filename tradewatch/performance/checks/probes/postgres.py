"""PostgreSQL: log in and SELECT 1, with libpq told nothing but what the guard has seen."""

import contextlib
import os
from collections.abc import Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tradewatch.core.net_async import guarded_addresses
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.probes.faults import NotAsked, Unfit
from tradewatch.performance.checks.probes.reach import reach_of

# What a DSN may say. Others name files of this machine or further hosts.
_TAKEN = frozenset(
    ("host", "port", "user", "password", "dbname", "sslmode", "application_name", "channel_binding", "client_encoding")
)


def read_dsn(dsn: str) -> Mapping[str, str]:
    """Return the parts of `postgresql://user:password@host:port/database`. Raises ValueError without repeating it."""
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(dsn.strip()).items() if value is not None}
    except psycopg.Error:
        raise ValueError("cannot be read: expected postgresql://user:password@host:port/database") from None
    foreign = sorted(parts.keys() - _TAKEN)
    if foreign:
        raise ValueError(f"may not say {', '.join(foreign)}")
    host, port = parts.get("host", ""), parts.get("port", "5432")
    if not host or "," in host or "," in port:
        raise ValueError("expected one host")
    if not port.isascii() or not port.isdigit() or not 1 <= int(port[:6]) <= 65535:
        raise ValueError("the port is not a number from 1 to 65535")
    return parts


async def probe_postgres(plan: Plan) -> Answer:
    parts = read_dsn(plan.connection)
    host, port = parts["host"], int(parts.get("port", "5432"))
    failure: psycopg.Error | None = None
    for address in await _addresses(plan, host, port):
        try:
            return await _ask(parts, address)
        except psycopg.OperationalError as error:
            failure = error
    raise failure or Unfit("cannot connect")


async def _addresses(plan: Plan, host: str, port: int) -> list[str | None]:
    """None stands for a socket of this machine, which has no address."""
    if not host.startswith(("/", "@")):
        return list(await guarded_addresses(host, port, reach_of(plan, host)))
    if not plan.allows_internal:
        raise NotAsked("not asked: a socket of this machine; an administrator may allow an internal target")
    return [None]


async def _ask(parts: Mapping[str, str], address: str | None) -> Answer:
    pinned = {"hostaddr": address} if address else {}
    # Neither the password file nor the client certificate of whoever runs TradeWatch is for others' servers.
    unshared = {"passfile": os.devnull, "sslcert": os.devnull + ".none", "sslkey": os.devnull + ".none"}
    options: dict[str, str] = {"application_name": "tradewatch-check", **parts, **pinned, **unshared}
    connection = await psycopg.AsyncConnection.connect("", autocommit=True, **options)  # type: ignore[arg-type]  # libpq's
    try:
        row = await (await connection.execute("SELECT 1")).fetchone()
        if row != (1,):
            raise Unfit("SELECT 1 gave something else than 1")
        return Answer(Level.OK, f"SELECT 1 on PostgreSQL {connection.info.server_version // 10_000}")
    finally:
        with contextlib.suppress(psycopg.Error):
            await connection.close()
