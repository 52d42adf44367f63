"""Replay targets for tests, with loud defaults."""

from typing import Any

from debugging.choices import TargetKind
from debugging.models import ReplayTarget, TargetSecret
from tests.debugging.builders import NOW
from tests.projects.builders import make_project
from tradewatch.projects.models import Project


def make_target(
    base_url: str = "http://127.0.0.1:1",
    *,
    project: Project | None = None,
    secrets: dict[str, str] | None = None,
    **more: Any,
) -> ReplayTarget:
    """A local one that takes unsafe methods at a private address. `secrets`: {header: value}."""
    defaults = {
        "name": "local",
        "kind": TargetKind.LOCAL,
        "allows_internal": True,
        "allows_unsafe": True,
        "timeout_seconds": 2,
        "created_at": NOW,
        "created_by": "ann",
    }
    row = ReplayTarget.objects.create(project=project or make_project(), base_url=base_url, **{**defaults, **more})
    for name, value in (secrets or {}).items():
        TargetSecret.objects.create(target=row, place="header", name=name, value=value)
    return row
