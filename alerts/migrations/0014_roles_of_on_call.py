"""What the roles may do in the admin with schedules, policies, calendars; each person with their own contact rules."""

from django.db import migrations

SEEN_BY_ALL = {
    "alerts": [
        *("schedule", "rotation", "rotationmember", "override", "escalationpolicy", "escalationstep"),
        *("escalationtarget", "contactrule", "contactaddress", "feedlink"),
    ],
    "calendars": ["marketcalendar", "marketday"],
}
OWN_OF_RESPONDERS = {"alerts": ["contactrule", "contactaddress", "feedlink"]}
RUN_BY_MANAGERS = {
    "alerts": [
        *("schedule", "rotation", "rotationmember", "override", "escalationpolicy", "escalationstep"),
        "escalationtarget",
    ],
}


def grant(apps, schema_editor):
    everything = ["add", "change", "delete"]
    grants = [(role, SEEN_BY_ALL, ["view"]) for role in ("viewer", "responder", "manager")]
    grants += [(role, OWN_OF_RESPONDERS, everything) for role in ("responder", "manager")]
    grants += [("manager", RUN_BY_MANAGERS, everything)]
    for role, apps_models, actions in grants:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for app, models in apps_models.items():
            group.permissions.add(*(_permission(apps, app, model, action) for model in models for action in actions))


def _permission(apps, app_label, model, action):
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0013_notification_of_group"),
        ("projects", "0003_role_groups"),
        ("calendars", "0002_known_exchanges"),
    ]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
