"""The rule about the disk's watermarks, where 0029 came before there were any."""

from django.db import migrations

RULE = {
    "kind": "own_health",
    "series": "disk_level",
    "threshold": 0,
    "severity": "error",
    "comparison": "above",
    "window_seconds": 180,
    "for_seconds": 180,
    "minimum_count": 0,
}


def create_rule(apps, schema_editor):
    rules = apps.get_model("alerts", "AlertRule")
    rules.objects.get_or_create(name="Disk above its high mark", is_default=True, project=None, defaults=RULE)


class Migration(migrations.Migration):
    dependencies = [("alerts", "0029_own_health_rules")]
    operations = [migrations.RunPython(create_rule, migrations.RunPython.noop)]
