"""Indicators that nothing counts yet take any definition here."""

from collections.abc import Mapping
from typing import Any

import pytest

from sla.choices import Indicator
from sla.sources import registry


class AnySource:
    def faults(self, definition: Mapping[str, Any], project: object) -> dict[str, list[str]]:
        return {}

    def canonical(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        return dict(definition)


@pytest.fixture(autouse=True)
def _every_indicator_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for indicator in Indicator:
        if not registry.has_source(indicator):
            monkeypatch.setitem(registry._sources, str(indicator), AnySource())  # type: ignore[arg-type]
