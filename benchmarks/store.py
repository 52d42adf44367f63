"""An empty store for benchmarks that measure in their own process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def measured_apart(module: str) -> dict[str, Any]:
    """Run the module in a process of its own and return what it prints: Django's settings are read once a process."""
    done = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def open_store(home: Path) -> None:
    """Set Django up on a migrated SQLite store in `home`, with the first project. Once a process."""
    os.environ.update({"TRADEWATCH_HOME": str(home), "TRADEWATCH_DOTENV": "/nonexistent"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from tradewatch.projects.bootstrap import bootstrap

    call_command("migrate", verbosity=0)
    bootstrap()
