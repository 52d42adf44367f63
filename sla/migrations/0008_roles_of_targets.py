"""What the roles may do in the admin with targets and corrections."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, granting


class Migration(migrations.Migration):
    dependencies = [("sla", "0007_roles_of_reports"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "sla",
            (EVERYBODY, ["target", "targetversion", "correction"], VIEW),
            (MANAGERS, ["target", "correction"], ["add", "change"]),
        ),
    ]
