import sys
import types

import pytest

from tradewatch.facade import remote
from tradewatch.facade.backends import INSIDE, backend_of_this_process


def django_with(monkeypatch: pytest.MonkeyPatch, *, ready: bool, installed: bool) -> None:
    registry = types.SimpleNamespace(ready=ready, is_installed=lambda name: installed)
    monkeypatch.setitem(sys.modules, "django.apps", types.SimpleNamespace(apps=registry))  # type: ignore[arg-type]


def test_tradewatch_itself_uses_its_services() -> None:
    assert backend_of_this_process().__name__ == INSIDE  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("ready", "installed"),
    [(False, True), (True, False)],
    ids=["Django is still starting", "a monitored Django application"],
)
def test_without_our_inbox_events_go_over_http(monkeypatch: pytest.MonkeyPatch, ready: bool, installed: bool) -> None:
    django_with(monkeypatch, ready=ready, installed=installed)
    assert backend_of_this_process() is remote


def test_without_django_events_go_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "django.apps")
    assert backend_of_this_process() is remote
