from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from releases.models import Deployment
from tradewatch.core.actors import Actor
from tradewatch.dashboard.scope import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deployment's page, as of when, for whom. `parameters`: those of the address."""

    row: Deployment
    scope: Scope
    actor: Actor
    now: datetime
    parameters: Mapping[str, str] = field(default_factory=dict)


Section = Callable[[Asked], Mapping[str, Any]]
