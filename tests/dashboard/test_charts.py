from datetime import UTC, datetime, timedelta

from tradewatch.dashboard.charts import firing_bands, per_minute_values, ratio_values
from tradewatch.dashboard.live_charts import ratio_finding
from tradewatch.dashboard.pictures import bars_path
from tradewatch.dashboard.ranges import Range, span_ending
from tradewatch.metrics.markers import Band
from tradewatch.metrics.queries import Totals

NOW = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)
SPAN = span_ending(NOW, length=timedelta(hours=1), step_seconds=60)


def test_a_range_ends_with_the_running_minute() -> None:
    assert SPAN.end == datetime(2026, 11, 23, 15, 13, tzinfo=UTC)
    assert SPAN.start == datetime(2026, 11, 23, 14, 13, tzinfo=UTC)
    assert SPAN.steps == 60
    assert SPAN.before().end == SPAN.start


def test_every_range_has_between_15_and_120_points() -> None:
    steps = [span_ending(NOW, length=each.length, step_seconds=each.step_seconds).steps for each in Range]
    assert steps == [15, 60, 96, 120]


def test_a_minute_without_requests_is_a_gap_not_zero() -> None:
    assert ratio_values([Totals(1, 5.0), Totals()], [Totals(4, 20.0), Totals()]) == (25.0, None)


def test_wider_steps_are_shown_by_the_minute() -> None:
    quarter = span_ending(NOW, length=timedelta(hours=1), step_seconds=900)
    assert per_minute_values([30, 0, 0, 15], quarter) == (2.0, 0.0, 0.0, 1.0)


def test_overlapping_alerts_make_one_band_cut_to_the_span() -> None:
    minute = timedelta(minutes=1)
    alerts = [
        (SPAN.start - minute, SPAN.start + 5 * minute),
        (SPAN.start + 4 * minute, SPAN.start + 8 * minute),
        (SPAN.end - 2 * minute, None),
        (SPAN.start - 9 * minute, SPAN.start - minute),
    ]
    assert firing_bands(alerts, SPAN) == (
        Band(SPAN.epoch_start, SPAN.epoch_start + 480),
        Band(SPAN.epoch_end - 120, SPAN.epoch_end),
    )


def test_bars_scale_to_the_highest_and_keep_a_hairline_for_none() -> None:
    path = bars_path([0, 5, 10], range(3))
    assert path.count("M") == 3
    assert "v-0.6" in path
    assert "v-10.0" in path
    assert "v-20.0" in path
    assert bars_path([], range(0)) == ""


def test_a_chart_says_in_words_what_it_shows() -> None:
    assert ratio_finding([0.4, None, 2.1], "request", []) == "Failed requests: 2.1% last, between 0.4% and 2.1%"
    assert ratio_finding([None], "session", []) == "Failed sessions: no data"
    fired = ratio_finding([2.0], "request", [Band(SPAN.epoch_end - 300, SPAN.epoch_end)])
    assert fired.endswith("; an alert fired from 15:08 UTC")
