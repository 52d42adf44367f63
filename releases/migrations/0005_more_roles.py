"""What the roles may do in the admin: everybody reads; responders override the gate and roll back; managers set up."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, MANAGERS, RESPONDERS, VIEW, WRITE, granting

_RECORDS = ["deploymentlook", "gateanswer", "commit", "commitfile", "releasecommit", "releasedetail", "releaseartifact"]


class Migration(migrations.Migration):
    dependencies = [("releases", "0004_looks_rollbacks_gate_commits"), ("projects", "0003_role_groups")]
    operations = [
        granting(
            "releases",
            (EVERYBODY, [*_RECORDS, "freeze", "deploymentwindow", "gateoverride", "rollback", "repository"], VIEW),
            (RESPONDERS, ["rollback", "gateoverride", "releasedetail"], ["add", "change"]),
            (MANAGERS, ["freeze", "deploymentwindow", "repository"], WRITE),
        ),
    ]
