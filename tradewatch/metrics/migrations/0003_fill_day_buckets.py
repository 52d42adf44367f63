"""Makes the days of what was counted before there were any, from its hours. One day a step; again, it does the same."""

from django.db import migrations
from django.db.models import Sum

from tradewatch.metrics import histogram, sketch

HOUR, DAY = 3600, 86_400
KEY = ("project_id", "environment", "series")


def fill(apps, schema_editor):
    for name, sums in (("Counter", _counters), ("Histogram", _histograms), ("UserSketch", _sketches)):
        model = apps.get_model("metrics", name)
        hours = model.objects.filter(resolution=HOUR)
        first = hours.order_by("start").values_list("start", flat=True).first()
        last = hours.order_by("-start").values_list("start", flat=True).first()
        if first is None:
            continue
        for start in range(first // DAY * DAY, last + 1, DAY):
            model.objects.filter(resolution=DAY, start=start).delete()
            rows = sums(hours.filter(start__gte=start, start__lt=start + DAY))
            model.objects.bulk_create([model(resolution=DAY, start=start, **row) for row in rows], batch_size=500)


def _counters(hours):
    rows = hours.values_list(*KEY).annotate(Sum("count"), Sum("weighted")).order_by(*KEY)
    for *key, count, weighted in rows.iterator():
        yield {**dict(zip(KEY, key)), "count": count, "weighted": weighted}


def _histograms(hours):
    merged = {}
    for *key, count, total, bins in hours.values_list(*KEY, "count", "total", "bins").iterator():
        known = merged.setdefault(tuple(key), [0, 0.0, {}])
        known[0] += count
        known[1] += total
        known[2] = histogram.merge([known[2], histogram.unpack(bytes(bins))])
    for key, (count, total, bins) in merged.items():
        yield {**dict(zip(KEY, key)), "count": count, "total": total, "bins": histogram.pack(bins)}


def _sketches(hours):
    merged = {}
    for project_id, environment, registers in hours.values_list("project_id", "environment", "registers").iterator():
        merged.setdefault((project_id, environment), []).append(sketch.unpack(bytes(registers)))
    for (project_id, environment), parts in merged.items():
        registers = sketch.pack(sketch.merge(parts))
        yield {"project_id": project_id, "environment": environment, "registers": registers}


def empty(apps, schema_editor):
    for name in ("Counter", "Histogram", "UserSketch"):
        apps.get_model("metrics", name).objects.filter(resolution=DAY).delete()


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_day_buckets")]
    operations = [migrations.RunPython(fill, empty)]
