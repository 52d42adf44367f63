"""What the roles may do in the admin with deployments: responders start and complete them, managers say what is wanted."""

from django.db import migrations

GRANTS = [
    *((role, "deployment", ["view"]) for role in ("viewer", "responder", "manager")),
    *((role, "releasesettings", ["view"]) for role in ("viewer", "responder", "manager")),
    *((role, "deployment", ["add", "change"]) for role in ("responder", "manager")),
    ("manager", "releasesettings", ["add", "change", "delete"]),
]


def grant(apps, schema_editor):
    for role, model, actions in GRANTS:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.add(*(_permission(apps, model, action) for action in actions))


def _permission(apps, model, action):
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="releases", model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_excludes_each_completed"), ("projects", "0003_role_groups")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
