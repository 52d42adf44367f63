"""The groups viewer, responder and manager: what each role may do in the admin, model by model.

They say which pages and buttons of the admin a person has; in which projects is decided by their memberships.
"""

from django.db import migrations

SEEN_BY_ALL = {
    "projects": ["project", "projectkey", "environment", "release", "membership"],
    "errors": ["issue", "event", "tagcount", "classificationrule"],
    "alerts": ["alert", "alertrule", "timelineentry", "notification", "occurrencerecord"],
}
WORKED_BY_RESPONDERS = {"errors": ["issue"], "alerts": ["alert"]}
SEEN_BY_MANAGERS = {"core": ["auditentry"], "inbox": ["deadletter"], "projects": ["apitoken"]}
RUN_BY_MANAGERS = {
    "projects": ["projectkey", "membership", "apitoken"],
    "errors": ["classificationrule"],
    "alerts": ["alertrule"],
}
CHANGED_BY_MANAGERS = {"projects": ["project"], "inbox": ["deadletter"]}

GRANTS = {
    "viewer": [(["view"], SEEN_BY_ALL)],
    "responder": [(["view"], SEEN_BY_ALL), (["change"], WORKED_BY_RESPONDERS)],
    "manager": [
        (["view"], SEEN_BY_ALL),
        (["change"], WORKED_BY_RESPONDERS),
        (["view"], SEEN_BY_MANAGERS),
        (["add", "change", "delete"], RUN_BY_MANAGERS),
        (["change"], CHANGED_BY_MANAGERS),
    ],
}


def create_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for role, grants in GRANTS.items():
        group, _ = Group.objects.get_or_create(name=role)
        for actions, models in grants:
            group.permissions.add(
                *(
                    permission(apps, app, model, action)
                    for app, names in models.items()
                    for model in names
                    for action in actions
                )
            )


def permission(apps, app_label, model, action):
    """Django creates permissions only after all migrations: make the row that it will find then."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )
    return found


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GRANTS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_apitoken_is_bound"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_groups, remove_groups)]
