from collections.abc import Iterator

import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.core import panels


@pytest.fixture(autouse=True)
def _no_other_panels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(panels, "_panels", {})
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
