from tradewatch.core.net import Reach
from tradewatch.performance.checks.plans import Plan


def reach_of(plan: Plan, host: str) -> Reach:
    """Return what a run may call: `host`, which the check names, may be internal where the check allows that."""
    return Reach(plan.allowed, internal_host=host if plan.allows_internal else "")
