"""What the roles may do in the admin with debugging sessions: everybody reads, responders work on them."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, RESPONDERS, VIEW, granting

_RECORDS = ["errorcontext", "debugsession", "sessionstep", "sessionentry", "sessionsnapshot"]


class Migration(migrations.Migration):
    dependencies = [("debugging", "0001_sessions"), ("projects", "0003_role_groups")]
    operations = [
        granting("debugging", (EVERYBODY, _RECORDS, VIEW), (RESPONDERS, ["debugsession"], ["change"])),
    ]
