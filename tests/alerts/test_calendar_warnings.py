from datetime import UTC, date, datetime

import pytest

from alerts.models import Alert, QuietHours
from alerts.services.calendars import warn_of_ending_calendars
from tests.projects.builders import make_project
from tradewatch.calendars.models import MarketCalendar

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)


def test_sixty_days_before_the_data_ends_there_is_an_alert_and_a_load_ends_it() -> None:
    make_project()
    MarketCalendar.objects.update(data_until=date(2027, 1, 22))
    warn_of_ending_calendars(NOW)
    assert not Alert.objects.exists()
    MarketCalendar.objects.filter(code="XNYS").update(data_until=date(2027, 1, 21), last_fault="ValueError: no")
    QuietHours.objects.create(name="Overnight", calendar="XNYS")
    warn_of_ending_calendars(NOW)
    warn_of_ending_calendars(NOW)
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.count) == ("Sessions of market XNYS run out", "warning", 1)
    assert "Used by Overnight." in alert.message and "end in 59 days" in alert.message and "ValueError" in alert.message
    MarketCalendar.objects.update(data_until=date(2028, 1, 1))
    warn_of_ending_calendars(NOW)
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_data_that_has_ended_is_an_error() -> None:
    make_project()
    MarketCalendar.objects.filter(code="XTKS").update(data_until=date(2026, 11, 1))
    warn_of_ending_calendars(NOW)
    assert Alert.objects.get().severity == "error"
