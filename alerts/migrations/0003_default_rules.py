from django.db import migrations

DEFAULT_RULES = {
    "new_issue": {"name": "New issue", "severity": ""},
    "regression": {"name": "Regression", "severity": ""},
    "critical_error": {"name": "Critical error", "severity": "critical"},
    "error_rate": {"name": "Error rate", "severity": "critical"},
}


def create_default_rules(apps, schema_editor):
    rules = apps.get_model("alerts", "AlertRule")
    for kind, fields in DEFAULT_RULES.items():
        rules.objects.get_or_create(kind=kind, is_default=True, project=None, defaults=fields)


def remove_default_rules(apps, schema_editor):
    apps.get_model("alerts", "AlertRule").objects.filter(is_default=True).delete()


class Migration(migrations.Migration):
    dependencies = [("alerts", "0002_delivery_leases_and_default_rules")]
    operations = [migrations.RunPython(create_default_rules, remove_default_rules)]
