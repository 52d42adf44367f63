"""What the roles may do in the admin with routes, groups, silences and what else holds or classifies alerts."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, RESPONDERS, VIEW, WRITE, granting

SEEN_BY_ALL = [
    "alertgroup", "groupmember", "silence", "inhibition", "alertclassificationrule", "maintenancewindow", "quiethours",
    "route",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("alerts", "0015_quiet_by_market_and_digests"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "alerts",
            (EVERYBODY, SEEN_BY_ALL, VIEW),
            (RESPONDERS, ["silence"], ["add", "change"]),
            (RESPONDERS, ["alertgroup"], ["change"]),
            (MANAGERS, ["inhibition", "alertclassificationrule", "maintenancewindow"], WRITE),
        ),
    ]
