import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("alerts", "0012_group_existing_alerts")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notifications", to="alerts.alertgroup"
            ),
        ),
        migrations.RemoveField(model_name="notification", name="alert"),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("group", "step", "target", "channel", "sequence"), name="notification_once"
            ),
        ),
    ]
