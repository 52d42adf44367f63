from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.template.loader import render_to_string

from tests.dashboard.builders import make_alert
from tests.projects.builders import make_project
from tradewatch.dashboard.chart_frame import ChartFrame, finding_of, make_frame
from tradewatch.dashboard.charts import Line, cut_floor
from tradewatch.dashboard.ranges import CustomRange, Range, span_ending
from tradewatch.metrics.markers import Band, Marker
from tradewatch.projects.models import Release

NOW = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)
SPAN = span_ending(NOW, length=timedelta(minutes=3), step_seconds=60)
FRAME = ChartFrame(SPAN, (Marker(SPAN.epoch_start, "2.0.1"),), (Band(SPAN.epoch_start, SPAN.epoch_start + 60),), True)


def test_all_charts_of_a_page_stand_on_one_clock_with_the_same_marks() -> None:
    chart = FRAME.chart("cpu", "CPU", (10.0, None, 30.0), unit="%", counts_href="/hosts/counts")
    assert (chart.start, chart.step, chart.is_running) == (SPAN.epoch_start, 60, True)
    assert (chart.markers, chart.bands) == (FRAME.markers, FRAME.bands)
    assert chart.finding == "CPU: 30% last, between 10% and 30%; an alert fired from 15:10 UTC"


def test_lines_are_coloured_in_their_order_and_five_at_most() -> None:
    chart = FRAME.lines("many", [(f"line {n}", (1.0, 2.0, 3.0)) for n in range(7)], unit="ms")
    assert [(line.name, line.style) for line in chart.lines] == [(f"line {n}", f"s{n + 1}") for n in range(5)]


def test_a_finding_speaks_of_each_line_and_says_no_data() -> None:
    lines = [Line("p95", "s1", (187.4, None)), Line("p50", "s2", (None, None)), Line("gain", "s3", (-2.0, 1.5))]
    assert finding_of(lines[:2], "ms") == ("p95: 187.4 ms last, between 187.4 ms and 187.4 ms; p50: no data")
    assert finding_of(lines[2:], "") == "gain: 1.5 last, between −2 and 1.5"


@pytest.mark.parametrize(
    ("values", "limit", "floor"),
    [
        ([0.97, None, 0.93], 0.9, 0.85),
        ([0.97, 0.98], None, 0.9),
        ([0.02], 0.9, 0.0),
        ([None], None, 0.0),
        ([], None, 0.0),
    ],
)
def test_a_cut_axis_starts_a_step_below_the_least(
    values: list[float | None], limit: float | None, floor: float
) -> None:
    assert cut_floor(values, step=0.05, limit=limit) == floor


def test_the_partial_names_every_line_and_carries_the_data() -> None:
    chart = FRAME.lines("p", [("p95", (1.0, None, 3.0)), ("p50", (0.5, 0.5, 0.5))], unit="ms")
    html = render_to_string("dashboard/_chart.html", {"chart": chart, "table": True})
    assert '<span class="key s1">p95</span><span class="key s2">p50</span>' in html
    assert '<th class="r">p95</th><th class="r">p50</th>' in html
    data = orjson.loads(html.partition('type="application/json">')[2].partition("</script>")[0])
    assert data["values"] == [1.0, None, 3.0]
    assert data["more"] == [{"name": "p50", "style": "s2", "values": [0.5, 0.5, 0.5], "is_dashed": False}]
    assert data["bands"] == [[SPAN.epoch_start, SPAN.epoch_start + 60, "", ""]]


def test_a_cut_axis_says_so() -> None:
    chart = FRAME.chart("apdex", "Apdex", (0.97, 0.96, 0.98), floor=0.9, ceiling=1.0)
    assert "axis from 0.9" in render_to_string("dashboard/_chart.html", {"chart": chart})
    assert "axis from" not in render_to_string("dashboard/_chart.html", {"chart": FRAME.chart("a", "A", (1.0,) * 3)})


@pytest.mark.django_db
def test_a_page_reads_its_markers_and_alerts_once() -> None:
    project = make_project()
    Release.objects.create(
        project=project, version="api@2.0.1", first_seen_at=NOW - timedelta(minutes=9), last_seen_at=NOW
    )
    make_alert(project, starts_at=NOW - timedelta(minutes=5))
    frame = make_frame([project.pk], "", Range.HOUR, now=NOW)
    assert [marker.label for marker in frame.markers] == ["2.0.1"]
    assert [(band.end - band.start) for band in frame.bands] == [60 * 5 + 30]
    assert frame.is_running
    earlier = CustomRange(NOW - timedelta(days=2), NOW - timedelta(days=1))
    assert make_frame([project.pk], "", earlier, now=NOW) == ChartFrame(earlier.chart_span(NOW), (), (), False)
