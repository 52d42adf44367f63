"""The migration that makes days of hours gives what counting into days gives."""

import importlib

import pytest
from django.apps import apps

from tradewatch.metrics.models import Counter, Histogram, UserSketch
from tradewatch.metrics.services import CountRow, DurationRow, UserRow, add_counts, add_durations, add_users

pytestmark = pytest.mark.django_db
DAY = 1_700_000_000 // 86_400 * 86_400
filling = importlib.import_module("tradewatch.metrics.migrations.0003_fill_day_buckets")


def days(model, *values):
    return sorted(model.objects.filter(resolution=86_400).values_list("environment", "start", *values))


def test_days_are_made_of_hours():
    for at in (DAY, DAY + 3_600, DAY + 90_000, DAY + 200_000):
        for environment in ("production", "staging"):
            add_counts([CountRow(1, environment, "events", at, 2, 4.0)])
            add_durations([DurationRow(1, environment, "tx", at, 0.5)])
            add_users([UserRow(1, environment, at, f"user {at}")])
    asked = ((Counter, "count", "weighted"), (Histogram, "count", "total", "bins"), (UserSketch, "registers"))
    before = [days(*each) for each in asked]
    assert [len(rows) for rows in before] == [6, 6, 6]
    filling.empty(apps, None)
    assert not any(days(*each) for each in asked)
    for _ in range(2):
        filling.fill(apps, None)
        assert [days(*each) for each in asked] == before


def test_nothing_counted_nothing_made():
    filling.fill(apps, None)
    assert not Counter.objects.exists()
