from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.core import panels
from tradewatch.core.panels import Rendered, filling_rows


@pytest.fixture(autouse=True)
def _no_other_panels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(panels, "_panels", {})
    monkeypatch.setattr(panels, "_dashboard_panels", [])
    yield


def test_panels_come_in_their_order_each_page_its_own() -> None:
    panels.add_panel("issue", "late", lambda issue_id: format_html("<p>late {}</p>", issue_id), position=200)
    panels.add_panel("issue", "early", lambda issue_id: format_html("<p>early {}</p>", issue_id))
    panels.add_panel("alert", "other", lambda alert_id: SafeString("<p>other</p>"))
    assert panels.render_panels("issue", 7) == ["<p>early 7</p>", "<p>late 7</p>"]
    assert panels.render_panels("nowhere", 7) == []


def test_registering_again_replaces() -> None:
    panels.add_panel("issue", "same", lambda issue_id: SafeString("old"))
    panels.add_panel("issue", "same", lambda issue_id: SafeString("new"))
    assert panels.render_panels("issue", 7) == ["new"]


def test_a_panel_may_have_nothing_to_show() -> None:
    panels.add_panel("issue", "silent", lambda issue_id: None)
    assert panels.render_panels("issue", 7) == []


def test_a_failing_panel_says_so_and_takes_no_other_with_it() -> None:
    panels.add_panel("issue", "<b>broken</b>", lambda issue_id: format_html("{}", 1 // 0), position=1)
    panels.add_panel("issue", "sound", lambda issue_id: SafeString("sound"))
    failed, sound = panels.render_panels("issue", 7)
    assert "This panel did not load" in failed
    assert "&lt;b&gt;broken" in failed
    assert sound == "sound"


# --- of the dashboard ------------------------------------------------------------------------------------------------
NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
WATCHED = panels.Watched((1, 2), "production", start=NOW, end=NOW, now=NOW, parameters={"window": "24h"})


def test_a_dashboard_panel_is_rendered_from_what_is_watched_and_keeps_its_place() -> None:
    panels.add_dashboard_panel("SLA budgets", lambda watched: format_html("<p>{}</p>", watched.environment))
    panels.add_dashboard_panel("On call now", lambda watched: None, position=1, width="c5", is_on_wall=True)
    on_call, budgets = panels.render_dashboard_panels(WATCHED)
    assert (on_call.key, on_call.width, on_call.is_on_wall, on_call.html) == ("panel-on-call-now", "c5", True, "")
    assert (budgets.key, budgets.width, budgets.html) == ("panel-sla-budgets", "c12", "<p>production</p>"), (
        "alone in its row"
    )


def test_a_dashboard_panel_that_fails_says_so_in_its_place() -> None:
    panels.add_dashboard_panel("Broken", lambda watched: format_html("{}", 1 // 0))
    panels.add_dashboard_panel("Sound", lambda watched: SafeString("sound"))
    broken, sound = panels.render_dashboard_panels(WATCHED)
    assert "This panel did not load" in broken.html
    assert sound.html == "sound"


def test_a_dashboard_panel_registered_again_is_replaced_and_can_be_removed() -> None:
    panels.add_dashboard_panel("Same", lambda watched: SafeString("old"))
    panels.add_dashboard_panel("Same", lambda watched: SafeString("new"))
    assert [each.html for each in panels.render_dashboard_panels(WATCHED)] == ["new"]
    panels.remove_dashboard_panel("Same")
    assert panels.render_dashboard_panels(WATCHED) == []


@pytest.mark.parametrize(
    ("panels", "widths"),
    [
        ("5 7 5 7 12", "5 7 5 7 12"),
        ("5 -7 5 12", "5 -7 7 12"),  # the empty one takes no room: the next moves up and fills the row
        ("5 12", "12 12"),
        ("-5 -7 5", "-5 -7 12"),
        ("7 7", "12 12"),
        ("4 4 4 4", "4 4 4 12"),
        ("4 4", "4 4"),  # eight columns have no name
        ("3 3", "3 3"),
        ("", ""),
        ("-5", "-5"),
    ],
)
def test_a_row_is_filled_by_its_last_panel(panels: str, widths: str) -> None:
    rendered = [
        Rendered(f"panel-{at}", f"c{word.lstrip('-')}", False, SafeString("" if "-" in word else "x"))  # type: ignore[arg-type]
        for at, word in enumerate(panels.split())
    ]
    found = filling_rows(rendered)
    assert [each.key for each in found] == [each.key for each in rendered]
    assert " ".join(("" if each.html else "-") + each.width[1:] for each in found) == widths
