from django.db import migrations

RULES = {
    "host_silent": {"name": "Host silent"},
    "host_metric": {
        "name": "Disk nearly full",
        "series": "disk",
        "threshold": 0.95,
        "window_seconds": 300,
        "for_seconds": 300,
    },
    "slow_code": {"name": "Code slower than its own threshold", "resolve_after_seconds": 900},
}


def create_rules(apps, schema_editor):
    rules = apps.get_model("alerts", "AlertRule")
    for kind, fields in RULES.items():
        rules.objects.get_or_create(kind=kind, is_default=True, project=None, defaults=fields)


def remove_rules(apps, schema_editor):
    apps.get_model("alerts", "AlertRule").objects.filter(is_default=True, kind__in=RULES).delete()


class Migration(migrations.Migration):
    dependencies = [("alerts", "0019_host_and_code_rules")]
    operations = [migrations.RunPython(create_rules, remove_rules)]
