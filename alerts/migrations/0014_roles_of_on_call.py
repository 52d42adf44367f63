"""What the roles may do in the admin with schedules, policies, calendars; each person with their own contact rules."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, RESPONDERS, VIEW, WRITE, granting

PLANS = [
    *("schedule", "rotation", "rotationmember", "override", "escalationpolicy", "escalationstep"),
    "escalationtarget",
]
OWN = ["contactrule", "contactaddress", "feedlink"]


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0013_notification_of_group"),
        ("projects", "0003_role_groups"),
        ("calendars", "0002_known_exchanges"),
    ]
    operations = [
        granting(
            "alerts",
            (EVERYBODY, [*PLANS, *OWN], VIEW),
            (RESPONDERS, OWN, WRITE),
            (MANAGERS, PLANS, WRITE),
        ),
        granting("calendars", (EVERYBODY, ["marketcalendar", "marketday"], VIEW)),
    ]
