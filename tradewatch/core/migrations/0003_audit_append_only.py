from django.db import migrations

from tradewatch.core.unchanging import never_updated


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_changes_take_times")]
    operations = [
        never_updated(
            "core_auditentry",
            trigger="audit_append_only",
            function="refuse_audit_update",
            refusal="audit entries are never changed",
        )
    ]
