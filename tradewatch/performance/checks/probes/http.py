"""HTTP: the status, the body, a header, the certificate. Redirects are followed one by one, each through the guard."""

from typing import Any

import httpx
import re2

from tradewatch.core.answer_bodies import read_body, text_of_body
from tradewatch.core.net_async import AsyncGuardedTransport
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.plans import Answer, Plan, header_lines, statuses
from tradewatch.performance.checks.probes.certificates import context_of, expiry_of
from tradewatch.performance.checks.probes.faults import Unfit
from tradewatch.performance.checks.probes.reach import reach_of

MOST_REDIRECTS = 5
MOST_BODY_BYTES = 1 << 20
_AGENT = {"User-Agent": "TradeWatch check", "Accept": "*/*", "Accept-Encoding": "gzip"}


async def probe_http(plan: Plan) -> Answer:
    """Raises what `fault_words` reads."""
    url = httpx.URL(plan.address)
    tls = context_of(verifies=plan.verifies_tls)
    transport = AsyncGuardedTransport(reach_of(plan, url.host), tls=tls)
    async with httpx.AsyncClient(transport=transport, timeout=None, trust_env=False) as client:  # noqa: S113  # the run has one limit for all
        return await _follow(client, plan, url)


async def _follow(client: httpx.AsyncClient, plan: Plan, first: httpx.URL) -> Answer:
    url, method, expires_at = first, plan.method, None
    for _ in range(MOST_REDIRECTS + 1):
        # What is secret is for the host that the check names, and not for whom that one names.
        own = header_lines(plan.request_headers) if _origin(url) == _origin(first) else []
        async with client.stream(method, url, headers=[*_AGENT.items(), *own]) as response:
            expires_at = expires_at or expiry_of(_tls_of(response))
            target = response.headers.get("Location", "")
            if not (plan.follows_redirects and response.is_redirect and target):
                return await _judge(plan, response, expires_at)
        url = url.join(target)
        if response.status_code == 303:
            method = "GET"
    raise Unfit(f"more than {MOST_REDIRECTS} redirects")


async def _judge(plan: Plan, response: httpx.Response, expires_at: Any) -> Answer:
    fault = fault_in(plan, response.status_code, response.headers)
    if not fault and (plan.body_contains or plan.body_pattern):
        body = await read_body(response, most_bytes=MOST_BODY_BYTES)
        fault = body.fault or fault_in_body(plan, _text_of(body.data, response))
    status = f"{response.status_code} {response.reason_phrase}".strip()
    return Answer(Level.FAILED if fault else Level.OK, fault or status, tls_expires_at=expires_at)


def fault_in(plan: Plan, status: int, headers: httpx.Headers) -> str:
    """Return why an answer's head is not the expected one; empty when it is."""
    if not any(low <= status <= high for low, high in statuses(plan.expected_statuses)):
        return f"status {status}, expected {plan.expected_statuses}"
    if plan.expected_header:
        name, _, wanted = (part.strip() for part in plan.expected_header.partition(":"))
        found = headers.get(name)
        if found is None:
            return f"no header {name}"
        if wanted.lower() not in found.lower():
            return f"header {name} does not contain {wanted!r}"
    return ""


def fault_in_body(plan: Plan, body: str) -> str:
    if plan.body_contains and plan.body_contains not in body:
        return f"the body does not contain {plan.body_contains!r}"
    if plan.body_pattern and not expression(plan.body_pattern).search(body):
        return f"nothing in the body matches {plan.body_pattern!r}"
    return ""


def expression(pattern: str) -> Any:
    """Compile an RE2 expression, which takes linear time. Raises `re2.error`."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _text_of(data: bytes, response: httpx.Response) -> str:
    text = text_of_body(data, response.headers.get("Content-Type", ""))
    return data.decode("latin-1") if text is None else text


def _tls_of(response: httpx.Response) -> Any:
    stream = response.extensions.get("network_stream")
    return stream.get_extra_info("ssl_object") if stream is not None else None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
