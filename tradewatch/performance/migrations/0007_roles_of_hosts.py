"""What the roles may do in the admin with hosts: all see them, managers retire and delete."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, granting


class Migration(migrations.Migration):
    dependencies = [("performance", "0006_hosts"), ("projects", "0003_role_groups")]
    operations = [
        granting("performance", (EVERYBODY, ["host"], VIEW), (MANAGERS, ["host"], ["change", "delete"])),
    ]
