"""What the roles may do in the admin with deployments: responders start and complete them, managers say what is wanted."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, RESPONDERS, VIEW, WRITE, granting


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_excludes_each_completed"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "releases",
            (EVERYBODY, ["deployment", "releasesettings"], VIEW),
            (RESPONDERS, ["deployment"], ["add", "change"]),
            (MANAGERS, ["releasesettings"], WRITE),
        ),
    ]
