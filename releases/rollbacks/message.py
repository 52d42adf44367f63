"""What CI is told: a signed webhook as https://www.standardwebhooks.com describes it."""

from typing import Any

import orjson
from django.conf import settings

from releases.models import Rollback


def message_id_of(rollback: Rollback) -> str:
    """Return the `webhook-id`: the same for each try, so that a receiver can drop what it has."""
    return f"rollback-{rollback.pk}"


def body_of(rollback: Rollback) -> bytes:
    """Return the JSON, the same for each try. Reads the deployment and its project: select them with the row."""
    return orjson.dumps(payload_of(rollback))


def payload_of(rollback: Rollback) -> dict[str, Any]:
    row = rollback.deployment
    return {
        "type": "rollback.requested",
        "timestamp": rollback.requested_at.isoformat(),
        "data": {
            "project": row.project.slug,
            "environment": row.environment,
            "from_version": row.version or None,
            "to_version": rollback.to_version,
            "deployment_id": row.pk,
            "rollback_id": rollback.pk,
            "requested_by": rollback.requested_by,
            "reason": rollback.reason,
            "url": f"{settings.PUBLIC_URL}{row.get_absolute_url()}",
        },
    }
