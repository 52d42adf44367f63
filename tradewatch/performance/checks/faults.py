"""What is wrong with a check as it was entered, by field. Pure: values in, sentences out; no name is looked up."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

import re2

from alerts.channels.http import fault_in_url
from tradewatch.core.net import may_call
from tradewatch.performance.checks.choices import CheckKind
from tradewatch.performance.checks.plans import Plan, header_lines, split_host, statuses
from tradewatch.performance.checks.probes.http import expression
from tradewatch.performance.checks.probes.postgres import read_dsn
from tradewatch.performance.checks.probes.redis import read_url

SHORTEST, LONGEST = 10, 86_400
Faults = dict[str, list[str]]
# The fields that say what is asked, by kind; those of other kinds do not count.
FIELDS: dict[CheckKind, tuple[str, ...]] = {
    CheckKind.HTTP: (
        *("address", "method", "expected_statuses", "body_contains", "body_pattern", "expected_header"),
        *("request_headers", "follows_redirects", "verifies_tls", "tls_days"),
    ),
    CheckKind.TCP: ("address", "uses_tls", "verifies_tls", "tls_days"),
    CheckKind.DNS: ("address", "record_type", "expected_answer", "resolver"),
    CheckKind.POSTGRES: ("connection",),
    CheckKind.REDIS: ("connection", "verifies_tls", "tls_days"),
}


def faults_in(plan: Plan, *, interval_seconds: int, retries: int, recoveries: int) -> Faults:
    """Return {field: sentences}; empty: the check can be run."""
    faults = _faults_of_kind(plan)
    if not SHORTEST <= interval_seconds <= LONGEST:
        faults["interval_seconds"] = [f"expected {SHORTEST} to {LONGEST:,} seconds"]
    if not 1 <= plan.timeout_seconds <= 60:
        faults["timeout_seconds"] = ["expected 1 to 60 seconds"]
    elif plan.timeout_seconds > interval_seconds:
        faults["timeout_seconds"] = ["must not be longer than the interval"]
    if retries > 10:
        faults["retries"] = ["at most 10"]
    if not 1 <= recoveries <= 10:
        faults["recoveries"] = ["expected 1 to 10"]
    if plan.slow_seconds is not None and not 0 < plan.slow_seconds < plan.timeout_seconds:
        faults["slow_seconds"] = ["expected more than 0 and less than the time limit"]
    return faults


def host_of(plan: Plan) -> str:
    """Return the host that a plan names; of DNS the resolver. Empty: none, or it cannot be read."""
    try:
        match plan.kind:
            case CheckKind.HTTP:
                return _url_host(plan.address)
            case CheckKind.TCP:
                return split_host(plan.address)[0]
            case CheckKind.DNS:
                return split_host(plan.resolver, 53)[0] if plan.resolver else ""
            case CheckKind.POSTGRES:
                return read_dsn(plan.connection)["host"]
            case CheckKind.REDIS:
                return read_url(plan.connection).host
    except ValueError:
        return ""


def target_words(plan: Plan) -> str:
    """Return what is asked, for people, without what is secret."""
    match plan.kind:
        case CheckKind.HTTP:
            return f"{plan.method} {plan.address.partition('?')[0]}"
        case CheckKind.TCP:
            return f"{plan.address}{' with TLS' if plan.uses_tls else ''}"
        case CheckKind.DNS:
            return f"{plan.record_type} of {plan.address}"
        case CheckKind.POSTGRES:
            return f"SELECT 1 at {host_of(plan) or 'an unreadable DSN'}"
        case CheckKind.REDIS:
            return f"PING {host_of(plan) or 'an unreadable URL'}"


def _faults_of_kind(plan: Plan) -> Faults:
    faults: Faults = {}
    match plan.kind:
        case CheckKind.HTTP:
            _note(faults, "address", _url_fault(plan.address))
            _note(faults, "expected_statuses", _said_by(statuses, plan.expected_statuses))
            _note(faults, "body_pattern", _pattern_fault(plan.body_pattern))
            _note(faults, "request_headers", _said_by(header_lines, plan.request_headers))
            if plan.expected_header:
                _note(faults, "expected_header", _said_by(header_lines, plan.expected_header))
            if plan.method == "HEAD" and (plan.body_contains or plan.body_pattern):
                faults["method"] = ["HEAD brings no body to look into"]
        case CheckKind.TCP:
            _note(faults, "address", _said_by(split_host, plan.address, "expected host:port"))
        case CheckKind.DNS:
            if not plan.address or len(plan.address) > 253 or any(c.isspace() or c in "/:@" for c in plan.address):
                faults["address"] = ["expected a name, e.g. api.example.com"]
            if plan.resolver:
                _note(faults, "resolver", _resolver_fault(plan.resolver))
        case CheckKind.POSTGRES:
            _note(faults, "connection", _said_by(read_dsn, plan.connection))
        case CheckKind.REDIS:
            _note(faults, "connection", _said_by(read_url, plan.connection))
    if not faults and not plan.allows_internal and (fault := _private_fault(plan)):
        faults[_field_of_host(plan.kind)] = [fault]
    return faults


def _field_of_host(kind: CheckKind) -> str:
    return {CheckKind.POSTGRES: "connection", CheckKind.REDIS: "connection", CheckKind.DNS: "resolver"}.get(
        kind, "address"
    )


def _private_fault(plan: Plan) -> str:
    """An address is judged at once; a name when it is asked, each time anew."""
    host = host_of(plan)
    if host.startswith(("/", "@")):
        return "a socket of this machine: only an administrator may allow an internal target"
    try:
        is_public = may_call(str(ip_address(host)), allowed=plan.allowed)
    except ValueError:
        is_public = host.lower() != "localhost"
    return "" if is_public else "no public address: only an administrator may allow an internal target"


def _url_fault(url: str) -> str:
    if fault := fault_in_url(url):
        return fault
    return "names a login: put it into the request headers, which are kept encrypted" if "@" in _authority(url) else ""


def _authority(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _url_host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _resolver_fault(text: str) -> str:
    try:
        host, _ = split_host(text, 53)
        ip_address(host)
    except ValueError:
        return "expected the address of a name server, e.g. 9.9.9.9 or [2620:fe::fe]:53"
    return ""


def _pattern_fault(pattern: str) -> str:
    if not pattern:
        return ""
    try:
        expression(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        return f"not a regular expression: {words}"
    return ""


def _said_by(read: Callable[[str], object], text: str, prefix: str = "") -> str:
    try:
        read(text)
    except ValueError as error:
        return f"{prefix}: {error}" if prefix else str(error)
    return ""


def _note(faults: Faults, field: str, fault: str) -> None:
    if fault:
        faults[field] = [fault]
