"""What the last look said, for the sentence on top."""

from collections.abc import Mapping
from typing import Any

from releases.models import DeploymentLook
from tradewatch.dashboard.releases.deployment.asked import Asked


def verdict(asked: Asked) -> Mapping[str, Any]:
    looks = list(DeploymentLook.objects.filter(deployment=asked.row).order_by("minutes"))
    return {"looks": looks, "last_look": looks[-1] if looks else None}
