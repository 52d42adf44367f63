"""Who may look at projects sees in the admin which alerts come together; nobody writes it by hand."""

from django.db import migrations

from tradewatch.projects.grants import EVERYBODY, VIEW, granting


class Migration(migrations.Migration):
    dependencies = [("alerts", "0027_companions")]
    operations = [granting("alerts", (EVERYBODY, ["companion"], VIEW))]
