"""One run of a check, by kind. Every address goes through the guard of `core.net`; the database is not known here."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from tradewatch.performance.checks.choices import CheckKind, Level
from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.probes.dns import probe_dns
from tradewatch.performance.checks.probes.faults import fault_words
from tradewatch.performance.checks.probes.http import probe_http
from tradewatch.performance.checks.probes.postgres import probe_postgres
from tradewatch.performance.checks.probes.redis import probe_redis
from tradewatch.performance.checks.probes.tcp import probe_tcp

PROBES: Mapping[CheckKind, Callable[[Plan], Awaitable[Answer]]] = {
    CheckKind.HTTP: probe_http,
    CheckKind.TCP: probe_tcp,
    CheckKind.DNS: probe_dns,
    CheckKind.POSTGRES: probe_postgres,
    CheckKind.REDIS: probe_redis,
}


async def run_probe(plan: Plan) -> Answer:
    """Ask once and say what came of it, within the plan's time limit whatever the other side does. Never raises."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(plan.timeout_seconds):
            answer = await PROBES[plan.kind](plan)
    except TimeoutError:
        answer = Answer(Level.FAILED, f"no answer within {plan.timeout_seconds:g} s")
    except Exception as error:
        level, words = fault_words(error)
        answer = Answer(level, words)
    took = time.monotonic() - started
    if answer.level == Level.OK and plan.slow_seconds is not None and took > plan.slow_seconds:
        answer = replace(answer, level=Level.SLOW, detail=f"{answer.detail}, slower than {plan.slow_seconds:g} s")
    return replace(answer, seconds=took if answer.level in (Level.OK, Level.SLOW) else None)
