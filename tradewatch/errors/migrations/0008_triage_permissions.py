"""What each role may do in the admin with activity, bookmarks and fingerprint rules."""

from django.db import migrations

GRANTS = [
    ("view", ("activity", "fingerprintrule"), ("viewer", "responder", "manager")),
    ("add", ("fingerprintrule",), ("manager",)),
    ("change", ("fingerprintrule",), ("manager",)),
    ("delete", ("fingerprintrule",), ("manager",)),
]


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for action, models, roles in GRANTS:
        for group in Group.objects.filter(name__in=roles):
            group.permissions.add(*(permission(apps, model, action) for model in models))


def permission(apps, model, action):
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="errors", model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found


def take_back(apps, schema_editor):
    names = [f"{action}_{model}" for action, models, _ in GRANTS for model in models]
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="errors", codename__in=names
    )
    for group in apps.get_model("auth", "Group").objects.all():
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("errors", "0007_fingerprint_rules"),
        ("projects", "0003_role_groups"),
    ]
    operations = [migrations.RunPython(grant, take_back)]
