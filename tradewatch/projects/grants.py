"""What migrations give the roles' groups in the admin. Migrations of the past call this: what it does stays."""

from collections.abc import Sequence
from typing import Any

from django.db import migrations

EVERYBODY = ("viewer", "responder", "manager")
RESPONDERS = ("responder", "manager")
MANAGERS = ("manager",)
VIEW = ("view",)
WRITE = ("add", "change", "delete")

Grant = tuple[Sequence[str], Sequence[str], Sequence[str]]  # roles, models, actions


def granting(app_label: str, *grants: Grant) -> migrations.RunPython:
    """Return the operation that lets the roles do these actions with the app's models (their names in lower case)."""

    def grant(apps: Any, schema_editor: Any) -> None:
        for roles, models, actions in grants:
            granted = [_permission(apps, app_label, model, action) for model in models for action in actions]
            for role in roles:
                group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
                group.permissions.add(*granted)

    return migrations.RunPython(grant, migrations.RunPython.noop)


def _permission(apps: Any, app_label: str, model: str, action: str) -> Any:
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found
