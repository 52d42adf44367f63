"""Stored errors with a shape that is to be found, and what a person would count of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.debugging.builders import NOW
from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception, make_frame
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.models import Issue
from tradewatch.projects.models import Project

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def make_errors(
    kind: str, moments: Iterable[datetime], *, says: str = "", project: Project | None = None, **fields: Any
) -> Issue:
    """Digest an event of one issue at each moment; a field that is a list goes round. Return the issue."""
    project = project or make_project()
    moments = list(moments)
    frame = make_frame(f"raise_{kind.lower()}", f"app.{kind.lower()}")
    events = [
        make_event(
            make_exception(kind, says or f"{kind} happened", frames=[frame]),
            timestamp=at.timestamp(),
            **{
                name: value[number % len(value)] if isinstance(value, list) and name != "fingerprint" else value
                for name, value in fields.items()
            },
        )
        for number, at in enumerate(moments)
    ]
    digest(*events, project=project, received_at=max(NOW, *moments))
    rows = Issue.objects.select_related("project").filter(project=project, exception_type=kind)
    return rows.latest("pk")


def every(step: timedelta, number: int, *, until: datetime = NOW) -> list[datetime]:
    """Return `number` moments, the last of which is `until`."""
    return [until - step * each for each in reversed(range(number))]


__all__ = ["HOUR", "MINUTE", "NOW", "SYSTEM", "every", "make_errors"]
