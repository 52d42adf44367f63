"""What the roles may do in the admin with performance settings: all see them, managers write them."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, WRITE, granting


class Migration(migrations.Migration):
    dependencies = [("performance", "0009_disk_samples"), ("projects", "0003_role_groups")]
    operations = [
        granting("performance", (EVERYBODY, ["performancesettings"], VIEW), (MANAGERS, ["performancesettings"], WRITE)),
    ]
