"""TCP: a connection is taken, and with TLS a certificate is shown."""

import contextlib

from tradewatch.core.net_async import guarded_connection
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.plans import Answer, Plan, split_host
from tradewatch.performance.checks.probes.certificates import context_of, expiry_of
from tradewatch.performance.checks.probes.reach import reach_of


async def probe_tcp(plan: Plan) -> Answer:
    host, port = split_host(plan.address)
    tls = context_of(verifies=plan.verifies_tls) if plan.uses_tls else None
    _, writer = await guarded_connection(host, port, reach_of(plan, host), tls=tls)
    try:
        expires_at = expiry_of(writer.get_extra_info("ssl_object"))
        return Answer(Level.OK, "connected with TLS" if tls else "connected", tls_expires_at=expires_at)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
