from typing import Any

import pytest
from django.test import RequestFactory

from tradewatch.dashboard.admin_theme import UNFOLD

ITEMS: list[dict[str, Any]] = [item for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"]]  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/admin/alerts/alertrule/", ["Rules and routing"]),
        ("/admin/projects/project/1/change/", ["Projects and keys"]),
        ("/admin/core/auditentry/", ["Audit and system"]),
        ("/admin/", []),
    ],
)
def test_one_entry_of_the_sidebar_is_current(path: str, current: list[str]) -> None:
    request = RequestFactory().get(path)
    assert [item["title"] for item in ITEMS if item["active"](request)] == current
