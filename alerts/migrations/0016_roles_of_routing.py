"""What the roles may do in the admin with routes, groups, silences and what else holds or classifies alerts."""

from django.db import migrations

SEEN_BY_ALL = [
    "alertgroup", "groupmember", "silence", "inhibition", "alertclassificationrule", "maintenancewindow", "quiethours",
    "route",
]  # fmt: skip
RUN_BY_MANAGERS = ["inhibition", "alertclassificationrule", "maintenancewindow"]


def grant(apps, schema_editor):
    grants = [(role, SEEN_BY_ALL, ["view"]) for role in ("viewer", "responder", "manager")]
    grants += [(role, ["silence"], ["add", "change"]) for role in ("responder", "manager")]
    grants += [(role, ["alertgroup"], ["change"]) for role in ("responder", "manager")]
    for role, models, actions in [*grants, ("manager", RUN_BY_MANAGERS, ["add", "change", "delete"])]:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.add(*(_permission(apps, model, action) for model in models for action in actions))


def _permission(apps, model, action):
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="alerts", model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found


class Migration(migrations.Migration):
    dependencies = [("alerts", "0015_quiet_by_market_and_digests"), ("projects", "0003_role_groups")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
