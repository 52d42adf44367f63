"""What the roles may do in the admin with recordings of browsers: everybody reads, managers take them away."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, VIEW, granting


class Migration(migrations.Migration):
    dependencies = [("debugging", "0008_recordings")]
    operations = [
        granting(
            "debugging",
            (EVERYBODY, ["browserreplay", "browserreplaysegment"], VIEW),
            (MANAGERS, ["browserreplay"], ["change"]),
        ),
    ]
