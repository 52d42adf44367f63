"""What the roles may do in the admin with the relay: all see a project's choice, managers write it."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, WRITE, granting


class Migration(migrations.Migration):
    dependencies = [("ingest", "0001_relay"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "ingest",
            (EVERYBODY, ["relaysettings"], VIEW),
            (MANAGERS, ["relaysettings"], WRITE),
            (MANAGERS, ["relayupstream"], ("view", "change")),
        ),
    ]
