"""What the apps above give a project that is new: `projects` knows none of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewatch.projects.models import Project

Addition = Callable[["Project"], object]
_additions: list[Addition] = []


def add_to_new_projects(addition: Addition) -> None:
    """Call `addition` for each new project, in the transaction that creates it; from an app's `ready`."""
    _additions.append(addition)


def give_what_new_projects_get(project: "Project") -> None:
    for addition in _additions:
        addition(project)
