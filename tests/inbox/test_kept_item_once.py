"""The migration that gives kept items an identity, on a store that holds some: one default for all is no identity."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

pytestmark = pytest.mark.once
PROGRAM = """
import django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
apps = MigrationExecutor(connection).migrate([("inbox", "0002_dead_letter_address")]).apps
project = apps.get_model("projects", "Project").objects.create(name="desk", slug="desk")
item = apps.get_model("inbox", "KeptItem")
for _ in range(3):
    item.objects.create(project=project, item_type="attachment", received_at=timezone.now(), payload=b"")
apps = MigrationExecutor(connection).migrate([("inbox", "0003_kept_item_once")]).apps
print("identities", len(set(apps.get_model("inbox", "KeptItem").objects.values_list("identity", flat=True))))
"""


def test_items_that_were_there_get_an_identity_each(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"TRADEWATCH_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tradewatch.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert "identities 3" in done.stdout, done.stderr
