"""What the roles may do in the admin with SLA reports: all see them, managers run their schedules."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, WRITE, granting


class Migration(migrations.Migration):
    dependencies = [("sla", "0006_what_alerts_were_told"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "sla",
            (EVERYBODY, ["report", "reportschedule", "reportmailing", "closedperiod"], VIEW),
            (MANAGERS, ["reportschedule"], WRITE),
        ),
    ]
