"""From stored minutes to alerts: a budget burns, is told of, lasts, and stops."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.models import Alert, AlertRule, OccurrenceRecord
from alerts.services.judging import judge_occurrences
from sla.burning.telling import tell_burns, tell_states
from sla.burning.words import value_words
from sla.choices import CalendarUnit, WindowKind
from sla.minutes.loading import forget
from sla.minutes.values import Sums
from sla.models import MinuteBlock, Target, TargetNews
from tests.calendars.builders import thanksgiving_week
from tests.calendars.oracle import utc
from tests.sla.figures.builders import correction_between, counts, every_minute, make_version, p95
from tests.sla.figures.stored import make_target, measure_of, store

pytestmark = pytest.mark.django_db
NOW = utc("2026-11-26T12:00") + timedelta(seconds=20)
MINUTE = timedelta(minutes=1)
GOOD, ONE_IN_TEN = counts(1000), counts(1000, 100)


def burning_target(**fields: Any) -> Target:
    """A tenth has failed since 11:30, at 99.9%."""
    target = make_target("order_api", environment="production", **{"target_value": "0.999"} | fields)
    rewrite(target, bad_until="2026-11-26T12:00")
    return target


def rewrite(target: Target, *, bad_until: str, quiet_until: str = "2026-11-26T21:00") -> None:
    MinuteBlock.objects.filter(measure=measure_of(target)).delete()
    known: dict[int, Sums] = every_minute("2026-11-20T00:00", quiet_until, GOOD)
    store(measure_of(target), known | every_minute("2026-11-26T11:30", bad_until, ONE_IN_TEN))
    forget()


def tick(at: datetime) -> Alert | None:
    tell_burns(at)
    tell_states(at)
    judge_occurrences(at)
    return Alert.objects.filter(dedup_key__endswith=":burn").order_by("-pk").first()


def test_a_burn_pages_with_how_fast_and_how_long_the_budget_lasts_and_ends() -> None:
    target = burning_target()
    alert = tick(NOW)
    assert alert and (alert.severity, alert.category, alert.state) == ("critical", "sla", "firing")
    assert alert.title == "order_api: its budget burns 100 times as fast as it may"
    assert alert.message == (
        "Over 1 h it burned 50 times as fast as it may, with 3,000 bad events, over the last 5 min 100 times; "
        "it pages over 14.4. At this rate the budget lasts 4 h 53 min. 67.9% of the budget is left."
    )
    assert (alert.link, alert.environment) == (target.get_absolute_url(), "production")
    assert "SLA budget burns" in alert.source

    rewrite(target, bad_until="2026-11-26T12:16")
    assert tell_burns(NOW + MINUTE) == 0  # told a minute ago
    again = tick(NOW + 15 * MINUTE)
    assert again and (again.pk, again.count) == (alert.pk, 2)

    ended = tick(NOW + timedelta(hours=8))  # until then it stays a ticket
    assert ended and (ended.pk, ended.state) == (alert.pk, "resolved")
    assert "order_api" in ended.ending and TargetNews.objects.get().burn == ""
    assert tell_burns(NOW + timedelta(hours=8, minutes=1)) == 0


def test_two_ticks_of_the_same_minute_tell_once() -> None:
    burning_target()
    tell_burns(NOW)
    tell_burns(NOW)
    assert OccurrenceRecord.objects.filter(kind="sla.burn").count() == 1


def test_what_no_rule_has_judged_before_the_end_opens_nothing() -> None:
    target = burning_target()
    tell_burns(NOW)
    rewrite(target, bad_until="2026-11-26T11:40")
    tell_burns(NOW + MINUTE)
    judge_occurrences(NOW + MINUTE)
    assert not Alert.objects.exists()


def test_silence_in_the_middle_of_a_burn_is_no_end() -> None:
    target = burning_target()
    tick(NOW)
    rewrite(target, bad_until="2026-11-26T12:00", quiet_until="2026-11-26T11:00")
    still = tick(NOW + 10 * MINUTE)
    assert still and still.is_open
    gone = tick(NOW + timedelta(days=4))
    assert gone and not gone.is_open


def test_maintenance_neither_opens_nor_ends() -> None:
    target = burning_target()
    correction_between(NOW, NOW + 30 * MINUTE, pk=None, project_id=target.project_id).save()
    tell_burns(NOW)
    rewrite(target, bad_until="2026-11-26T12:05")
    open_alert = tick(NOW)
    assert open_alert and open_alert.is_open
    rewrite(target, bad_until="2026-11-26T11:40")
    still = tick(NOW + 20 * MINUTE)
    assert still and still.is_open and still.count == 1
    assert (over := tick(NOW + 45 * MINUTE)) is not None and not over.is_open


def test_while_the_market_is_closed_all_stays_as_it_was_at_the_close() -> None:
    thanksgiving_week()
    target = make_target(target_value="0.999", window=WindowKind.MARKET, window_unit=CalendarUnit.WEEK, market="XNYS")
    known = every_minute("2026-11-23T14:30", "2026-11-23T21:00", counts(10_000))
    store(measure_of(target), known | every_minute("2026-11-25T20:00", "2026-11-25T21:00", counts(100, 5)))
    opened = tick(utc("2026-11-25T21:00"))
    assert opened and opened.is_open and "of session time" in opened.message
    assert tell_burns(utc("2026-11-26T15:00")) == 0
    store(measure_of(target), every_minute("2026-11-27T14:30", "2026-11-27T15:00", counts(1000)))
    closed = tick(utc("2026-11-27T15:00"))
    assert closed and not closed.is_open


def test_an_archived_target_takes_its_alerts_along() -> None:
    target = burning_target(target_value="0.9999", warning_threshold="0.9998", critical_threshold="0.9")
    tick(NOW)
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["firing", "firing"]
    Target.objects.filter(pk=target.pk).update(archived_at=NOW)
    tick(NOW + MINUTE)
    assert set(Alert.objects.values_list("state", flat=True)) == {"resolved"}
    assert tell_burns(NOW + 2 * MINUTE) == 0


def test_a_switched_off_rule_says_nothing() -> None:
    AlertRule.objects.filter(kind="sla_burn").update(is_enabled=False)
    burning_target()
    assert tick(NOW) is None


def test_a_threshold_that_is_reached_is_told_of_and_its_end() -> None:
    target = make_target(window_days=1, warning_threshold="0.995", critical_threshold="0.99", target_value="0.999")
    known = every_minute("2026-11-25T00:00", "2026-11-28T00:00", counts(100))
    store(measure_of(target), known | every_minute("2026-11-26T10:00", "2026-11-26T12:00", counts(100, 10)))
    tell_states(NOW)
    judge_occurrences(NOW)
    alert = Alert.objects.get(dedup_key=f"sla:{target.pk}:state")
    assert (alert.severity, alert.title) == ("warning", "availability: warning, at or under 99.5%")
    assert alert.message == ("It is 99.166% in the last day, its target 99.9%. The budget is overspent by 733.3%.")
    tell_states(NOW + timedelta(days=1))
    alert.refresh_from_db()
    assert alert.state == "resolved" and TargetNews.objects.get().state == ""


@pytest.mark.parametrize(
    ("value", "words"), [("0.9999999", "99.999%"), ("1", "100%"), ("0.5", "50%"), ("0.9995", "99.95%"), ("0", "0%")]
)
def test_a_ratio_is_never_rounded_up_to_a_whole(value: str, words: str) -> None:
    assert value_words(make_version(), Decimal(value)) == words
    assert value_words(p95(), Decimal("0.431")) == "431 ms"
