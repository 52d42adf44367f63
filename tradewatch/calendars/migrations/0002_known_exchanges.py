from django.db import migrations

EXCHANGES = [
    ("XNYS", "New York Stock Exchange", "America/New_York", False),
    ("XLON", "London Stock Exchange", "Europe/London", False),
    ("XTKS", "Tokyo Stock Exchange", "Asia/Tokyo", False),
    ("XHKG", "Hong Kong Exchange", "Asia/Hong_Kong", False),
    ("24/7", "Always open", "UTC", True),
]


def add_exchanges(apps, schema_editor):
    calendars = apps.get_model("calendars", "MarketCalendar")
    for code, name, zone, is_always_open in EXCHANGES:
        calendars.objects.get_or_create(
            code=code, defaults={"name": name, "zone": zone, "is_always_open": is_always_open}
        )


def remove_exchanges(apps, schema_editor):
    codes = [code for code, *_ in EXCHANGES]
    apps.get_model("calendars", "MarketCalendar").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_market_calendars")]
    operations = [migrations.RunPython(add_exchanges, remove_exchanges)]
