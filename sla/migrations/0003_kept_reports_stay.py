from django.db import migrations

from tradewatch.core.unchanging import never_updated


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_reports")]
    operations = [
        never_updated(
            "sla_report",
            trigger="sla_report_stays",
            function="refuse_report_update",
            refusal="a kept report is never changed",
        )
    ]
