import pytest

from tradewatch.core import status
from tradewatch.core.status import add_status_section, status_sections
from tradewatch.facade.failures import count_failure, forget_failures


@pytest.fixture
def no_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_sections", {})


def test_a_section_is_read_anew_each_time(no_sections: None) -> None:
    counted = {"failures": 1}
    add_status_section("relay", lambda: counted)
    assert status_sections() == {"relay": {"failures": 1}}
    counted["failures"] = 2
    assert status_sections() == {"relay": {"failures": 2}}


@pytest.mark.django_db
def test_the_facades_failures_are_a_section_of_every_process() -> None:
    forget_failures()
    count_failure("capture_error", "ConnectionError")
    assert status_sections()["facade"] == {"failures": {"capture_error": 1}}
    forget_failures()
    assert status_sections()["facade"] == {"failures": {}}
