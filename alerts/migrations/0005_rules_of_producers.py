from django.db import migrations

RULES = {
    "heartbeat": "Heartbeat missed",
    "check": "Health check failed",
    "sla_burn": "SLA budget burns",
    "deployment": "Deployment unhealthy",
}


def create_rules(apps, schema_editor):
    rules = apps.get_model("alerts", "AlertRule")
    for kind, name in RULES.items():
        rules.objects.get_or_create(kind=kind, is_default=True, project=None, defaults={"name": name})


def remove_rules(apps, schema_editor):
    apps.get_model("alerts", "AlertRule").objects.filter(is_default=True, kind__in=RULES).delete()


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_measured_rules")]
    operations = [migrations.RunPython(create_rules, remove_rules)]
