"""DNS: a name has records of a type, and the expected one is among them."""

from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.resolver

from tradewatch.core.net import may_call
from tradewatch.core.net_async import guarded_addresses
from tradewatch.performance.checks.choices import Level, RecordType
from tradewatch.performance.checks.plans import Answer, Plan, split_host
from tradewatch.performance.checks.probes.faults import NotAsked, Unfit
from tradewatch.performance.checks.probes.reach import reach_of

SHOWN = 3


async def probe_dns(plan: Plan) -> Answer:
    resolver = await _resolver(plan)
    try:
        found = await resolver.resolve(
            plan.address.rstrip(".") + ".", plan.record_type, lifetime=plan.timeout_seconds, search=False
        )
    except dns.resolver.NXDOMAIN:
        raise Unfit("there is no such name") from None
    except dns.resolver.NoAnswer:
        raise Unfit(f"the name has no {plan.record_type} record") from None
    except (dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration):
        raise Unfit("the name servers refuse or fail") from None
    except dns.exception.Timeout:
        raise Unfit("the name server did not answer in time") from None
    answers = sorted(record.to_text() for record in found)
    _check_reach(plan, answers)
    fault = fault_in_answers(plan, answers)
    return Answer(Level.FAILED if fault else Level.OK, fault or _shown(answers))


def fault_in_answers(plan: Plan, answers: Sequence[str]) -> str:
    """Return why the expected answer is not among `answers` (as zone files write them); empty when it is."""
    wanted = plan.expected_answer.strip()
    if not wanted:
        return ""
    if plan.record_type == RecordType.TXT:
        is_there = any(wanted in "".join(each.split('" "')).strip('"') for each in answers)
    else:
        is_there = any(_normal(each) == _normal(wanted) for each in answers)
    return "" if is_there else f"expected {wanted}, found {_shown(answers)}"


async def _resolver(plan: Plan) -> dns.asyncresolver.Resolver:
    if not plan.resolver:
        return dns.asyncresolver.Resolver()  # reads /etc/resolv.conf
    host, port = split_host(plan.resolver, 53)
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = list(await guarded_addresses(host, port, reach_of(plan, host)))
    resolver.port = port
    return resolver


def _check_reach(plan: Plan, answers: Sequence[str]) -> None:
    """Names of one's own network are not told to whoever may add a check."""
    if plan.record_type not in (RecordType.A, RecordType.AAAA) or plan.allows_internal:
        return
    if not all(may_call(answer, allowed=plan.allowed) for answer in answers):
        raise NotAsked("not told: it has a private address; an administrator may allow an internal target")


def _normal(text: str) -> str:
    return text.strip().rstrip(".").lower()


def _shown(answers: Sequence[str]) -> str:
    more = f" and {len(answers) - SHOWN} more" if len(answers) > SHOWN else ""
    return ", ".join(answers[:SHOWN]) + more
