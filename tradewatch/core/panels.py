"""Panels that an app adds to a page of an app below it, without that page knowing who they come from.

An app registers its renderer from its `AppConfig.ready`; the page asks for the panels of its name. Two kinds: those of
an object's page (`add_panel`), rendered from its id, and those of the live dashboard (`add_dashboard_panel`), rendered
from what is watched, at the first paint and whenever something changes.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal, get_args

from django.utils.html import format_html
from django.utils.safestring import SafeString

logger = logging.getLogger(__name__)

Render = Callable[[int], SafeString | None]


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    render: Render
    position: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What the dashboard is about: nobody's rights are in it, because all who watch the same get the same HTML.

    `environment` empty: all. [start, end) is the shown time. `parameters` are those of the URL that links keep.
    """

    project_ids: tuple[int, ...]
    environment: str
    start: datetime
    end: datetime
    now: datetime
    parameters: Mapping[str, str] = field(default_factory=dict)


RenderWatched = Callable[[Watched], SafeString | None]
Width = Literal["c3", "c4", "c5", "c6", "c7", "c12"]  # of twelve columns; a phone gives each the whole width


@dataclass(frozen=True, slots=True)
class DashboardPanel:
    """`is_on_wall`: shown in the wall mode too, beside the alerts, where nothing can be pressed."""

    name: str
    render: RenderWatched
    width: Width
    position: int
    is_on_wall: bool

    @property
    def key(self) -> str:
        return "panel-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A dashboard panel as the page places it. `html` empty: it has nothing to show now, and its place is not seen."""

    key: str
    width: Width
    is_on_wall: bool
    html: SafeString


EMPTY = SafeString("")
COLUMNS = 12
_WIDTHS: Mapping[int, Width] = {int(name[1:]): name for name in get_args(Width)}
_panels: dict[str, list[Panel]] = {}
_dashboard_panels: list[DashboardPanel] = []


def add_panel(page: str, name: str, render: Render, *, position: int = 100) -> None:
    """Let `render(object id)` add its HTML to `page` (`issue`, `alert`). None: nothing to show."""
    panels = [panel for panel in _panels.get(page, []) if panel.name != name]
    _panels[page] = sorted([*panels, Panel(name, render, position)], key=lambda panel: (panel.position, panel.name))


def render_panels(page: str, object_id: int) -> list[SafeString]:
    """Return the HTML of each panel of `page`. One that fails says so in its place; the page still opens."""
    rendered = (_render(panel.name, partial(panel.render, object_id)) for panel in _panels.get(page, []))
    return [html for html in rendered if html]


def add_dashboard_panel(
    name: str, render: RenderWatched, *, width: Width = "c4", position: int = 100, is_on_wall: bool = False
) -> None:
    """Let `render(watched)` add a `<section class="panel">` to the dashboard. None: nothing to show now.

    It runs at most twice a second for each view that somebody watches: a few indexed reads, nothing that grows.
    """
    others = [panel for panel in _dashboard_panels if panel.name != name]
    panels = [*others, DashboardPanel(name, render, width, position, is_on_wall)]
    _dashboard_panels[:] = sorted(panels, key=lambda panel: (panel.position, panel.name))


def render_dashboard_panels(watched: Watched) -> list[Rendered]:
    """Return every panel, in order, the empty ones too: the page keeps a place for what may come."""
    return filling_rows(
        [
            Rendered(panel.key, panel.width, panel.is_on_wall, _render(panel.name, partial(panel.render, watched)))
            for panel in _dashboard_panels
        ]
    )


def filling_rows(panels: Sequence[Rendered]) -> list[Rendered]:
    """Return them with the last of each row as wide as is left: what has nothing to show leaves no hole beside it."""
    found = list(panels)
    row: list[int] = []
    for at, panel in [*enumerate(panels), (len(panels), None)]:
        if panel is not None and not panel.html:
            continue
        if row and (panel is None or _columns(found[each] for each in row) + _columns([panel]) > COLUMNS):
            left = COLUMNS - _columns(found[each] for each in row[:-1])
            if (wide := _WIDTHS.get(left)) is not None:
                found[row[-1]] = replace(found[row[-1]], width=wide)
            row = []
        row.append(at)
    return found


def _columns(panels: Iterable[Rendered]) -> int:
    return sum(int(panel.width[1:]) for panel in panels)


def render_dashboard_panel(name: str, watched: Watched) -> SafeString:
    """Return the panel `name`, for another page that has room for it; empty when nobody registered it."""
    return next(
        (_render(name, partial(each.render, watched)) for each in _dashboard_panels if each.name == name), EMPTY
    )


def remove_dashboard_panel(name: str) -> None:
    """Forget a panel (for tests)."""
    _dashboard_panels[:] = [panel for panel in _dashboard_panels if panel.name != name]


def _render(name: str, render: Callable[[], SafeString | None]) -> SafeString:
    try:
        return render() or SafeString("")
    except Exception:
        logger.exception("panel failed panel=%s", name)
        return format_html(
            '<section class="panel"><header><h2>{}</h2></header><div class="empty"><b>This panel did not load</b>'
            "<p>Everything else on this page is current.</p></div></section>",
            name,
        )
