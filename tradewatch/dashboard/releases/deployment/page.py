"""The page's context: what each section gives, in one dict. A section's template file bears the section's name."""

from typing import Any

from tradewatch.dashboard.releases.deployment.asked import Asked, Section
from tradewatch.dashboard.releases.deployment.facts import facts
from tradewatch.dashboard.releases.deployment.verdict import verdict

SECTIONS: tuple[Section, ...] = (
    facts,
    verdict,
)


def deployment_context(asked: Asked) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for section in SECTIONS:
        context |= section(asked)
    return context
