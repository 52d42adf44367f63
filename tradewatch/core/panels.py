"""Panels that an app adds to a page of an app below it, without that page knowing who they come from.

An app registers its renderer from its `AppConfig.ready`; the page asks for the panels of its name.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

logger = logging.getLogger(__name__)

Render = Callable[[int], SafeString | None]


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    render: Render
    position: int


_panels: dict[str, list[Panel]] = {}


def add_panel(page: str, name: str, render: Render, *, position: int = 100) -> None:
    """Let `render(object id)` add its HTML to `page` (`issue`, `alert`). None: nothing to show."""
    panels = [panel for panel in _panels.get(page, []) if panel.name != name]
    _panels[page] = sorted([*panels, Panel(name, render, position)], key=lambda panel: (panel.position, panel.name))


def render_panels(page: str, object_id: int) -> list[SafeString]:
    """Return the HTML of each panel of `page`. One that fails says so in its place; the page still opens."""
    rendered = (_render(panel, object_id) for panel in _panels.get(page, []))
    return [html for html in rendered if html]


def _render(panel: Panel, object_id: int) -> SafeString | None:
    try:
        return panel.render(object_id)
    except Exception:
        logger.exception("panel failed panel=%s object=%s", panel.name, object_id)
        return format_html(
            '<section class="panel"><header><h2>{}</h2></header><div class="empty"><b>This panel did not load</b>'
            "<p>Everything else on this page is current.</p></div></section>",
            panel.name,
        )
