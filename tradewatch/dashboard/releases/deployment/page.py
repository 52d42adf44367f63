"""The page's context: what each section gives, in one dict. A section's template file bears the section's name."""

from typing import Any

from tradewatch.dashboard.releases.comparing import deployment_links
from tradewatch.dashboard.releases.deployment.alerts import alerts
from tradewatch.dashboard.releases.deployment.asked import Asked, Section
from tradewatch.dashboard.releases.deployment.commits import commits
from tradewatch.dashboard.releases.deployment.cost import cost
from tradewatch.dashboard.releases.deployment.errors import errors
from tradewatch.dashboard.releases.deployment.facts import facts
from tradewatch.dashboard.releases.deployment.gate_said import gate_said
from tradewatch.dashboard.releases.deployment.looks import looks
from tradewatch.dashboard.releases.deployment.rollback import rollback

SECTIONS: tuple[Section, ...] = (
    facts,
    looks,
    gate_said,
    errors,
    commits,
    cost,
    alerts,
    deployment_links,
    rollback,
)


def deployment_context(asked: Asked) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for section in SECTIONS:
        context |= section(asked)
    return context
