"""What the roles may do in the admin with targets and corrections."""

from django.db import migrations

SEEN_BY_ALL = ["target", "targetversion", "correction"]
RUN_BY_MANAGERS = ["target", "correction"]


def grant(apps, schema_editor):
    grants = [(role, SEEN_BY_ALL, ["view"]) for role in ("viewer", "responder", "manager")]
    for role, models, actions in [*grants, ("manager", RUN_BY_MANAGERS, ["add", "change"])]:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.add(*(_permission(apps, model, action) for model in models for action in actions))


def _permission(apps, model, action):
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="sla", model=model)
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found


class Migration(migrations.Migration):
    dependencies = [("sla", "0007_roles_of_reports"), ("projects", "0003_role_groups")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
