"""What the roles may do in the admin with replays and patterns. Targets and their secrets are a manager's."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, RESPONDERS, VIEW, granting

_RECORDS = ["replay", "replaybatch", "simulation", "pattern", "patternrun", "replaytarget"]
_ALL = ["add", "change", "delete", "view"]


class Migration(migrations.Migration):
    dependencies = [("debugging", "0004_replays")]
    operations = [
        granting(
            "debugging",
            (EVERYBODY, _RECORDS, VIEW),
            (RESPONDERS, ["pattern"], ["change"]),
            (MANAGERS, ["replaytarget", "targetsecret"], _ALL),
        ),
    ]
