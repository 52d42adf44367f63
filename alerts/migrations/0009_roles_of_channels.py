"""What the roles may do in the admin with channels, sources of alerts and heartbeats, as with other rules."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, WRITE, granting


class Migration(migrations.Migration):
    dependencies = [("alerts", "0008_intake_and_heartbeats"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "alerts",
            (EVERYBODY, ["notificationchannel", "intakesource", "heartbeat", "heartbeatentry"], VIEW),
            (MANAGERS, ["notificationchannel", "intakesource", "heartbeat"], WRITE),
        ),
    ]
