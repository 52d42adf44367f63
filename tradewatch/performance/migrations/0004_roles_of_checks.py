"""What the roles may do in the admin with checks, as with other rules."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, WRITE, granting


class Migration(migrations.Migration):
    dependencies = [("performance", "0003_traces"), ("projects", "0003_role_groups")]
    operations = [
        granting("performance", (EVERYBODY, ["check", "checkresult"], VIEW), (MANAGERS, ["check"], WRITE)),
    ]
