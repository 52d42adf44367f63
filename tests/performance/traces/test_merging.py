"""Whatever the order, the batches, the hours and the processes in which they come: what is read is what was held."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.performance.traces.builders import HOUR, NOW, count_spans, make_row, make_span
from tradewatch.performance.models import SpanBucket, SpanGroup, TransactionBucket, TransactionGroup
from tradewatch.performance.traces import queries, span_queries
from tradewatch.performance.traces.counting import add_transactions
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.groups import forget_groups
from tradewatch.performance.traces.weighing import merge, pack, percentiles, unpack
from tradewatch.projects.models import Project

QUANTILES = [0.0, 0.5, 0.75, 0.95, 0.99, 1.0]
durations = st.floats(1e-5, 3600.0) | st.sampled_from([0.001, 0.1, 0.5, 2.0])
# Sample rates of 100%, 50%, 20%, 10%, a third, 3%.
weights = st.sampled_from([1.0, 2.0, 5.0, 10.0, 1 / 0.3333, 1 / 0.03])


def exact_percentile(held: list[tuple[float, float]], quantile: float) -> float:
    """Of (duration, weight): the value at that place in a list in which each stands as often as it weighs."""
    ordered = sorted((seconds, round(weight, 3)) for seconds, weight in held)
    position = math.floor(quantile * (sum(weight for _, weight in ordered) - 1) + 1e-9)
    passed = 0.0
    for seconds, weight in ordered:
        passed = round(passed + weight, 3)
        if passed > position:
            return seconds
    return ordered[-1][0]


def is_close(found: float, held: list[tuple[float, float]], quantile: float) -> bool:
    """Within 1% of the exact value, or of one beside it where a third of a weight decides between two."""
    total = sum(round(weight, 3) for _, weight in held)
    near = [exact_percentile(held, max(0.0, min(1.0, quantile + step / total))) for step in (-0.01, 0.0, 0.01)]
    return any(found == pytest.approx(each, rel=0.01) for each in near)


def figures_of(held: list[tuple[float, float]]) -> Figures:
    figures = Figures()
    for seconds, weight in held:
        figures.count_one(seconds, is_failed=False, weight=weight, apdex_seconds=0.5)
    return figures


@given(st.lists(st.tuples(durations, weights), min_size=1, max_size=200))
def test_percentiles_are_within_one_percent_of_exact(held):
    found = figures_of(held).percentiles(QUANTILES)
    assert all(is_close(each, held, quantile) for each, quantile in zip(found, QUANTILES, strict=True))


@given(
    st.lists(st.lists(st.tuples(durations, weights), max_size=40), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_merged_in_any_order_and_grouping_the_histogram_is_the_same(parts, lots):
    whole = figures_of([each for part in parts for each in part]).bins
    packed = [pack(figures_of(part).bins) for part in parts]
    lots.shuffle(packed)
    cut = lots.randrange(len(packed) + 1)
    halves = [merge(map(unpack, packed[:cut])), merge(map(unpack, packed[cut:]))]
    assert merge(halves) == whole
    assert percentiles(merge(halves), QUANTILES) == percentiles(whole, QUANTILES)


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_stored_over_hours_by_several_digests_in_any_order_it_reads_as_one(data):
    TransactionBucket.objects.all().delete()
    TransactionGroup.objects.all().delete()
    project = Project.objects.get_or_create(slug="desk-77", defaults={"name": "Desk"})[0]
    lots = data.draw(st.randoms(use_true_random=False))
    held = data.draw(st.lists(st.tuples(durations, weights, st.integers(0, 50 * 3600)), min_size=1, max_size=40))
    rows = [make_row(HOUR - at, seconds=seconds, weight=w, project_id=project.pk) for seconds, w, at in held]
    lots.shuffle(rows)
    while rows:
        some = lots.randrange(1, len(rows) + 1)
        add_transactions(rows[:some], now=NOW + timedelta(hours=1))
        if lots.random() < 0.5:
            forget_groups()  # another process
        rows = rows[some:]
    figures = queries.overall([project.pk], HOUR - 51 * 3600, HOUR + 3600)
    assert (figures.count, figures.measured) == (len(held), len(held))
    assert figures.seconds == pytest.approx(sum(seconds * weight for seconds, weight, _ in held))
    assert figures.bins == figures_of([(seconds, weight) for seconds, weight, _ in held]).bins
    for resolution in (60, 3600, 86_400):
        points = queries.points([project.pk], HOUR - 51 * 3600, HOUR + 3600, resolution)
        assert merge(point.bins for _, point in points) == figures.bins
        assert sum(point.count for _, point in points) == len(held)


@pytest.mark.django_db
def test_spans_of_many_batches_read_as_one():
    project = Project.objects.create(slug="desk-78", name="Desk")
    lots = random.Random(5)
    held = [(lots.lognormvariate(-4, 1), lots.choice([1.0, 5.0])) for _ in range(300)]
    spans = [
        make_span(HOUR + number * 11, seconds=seconds, weight=weight, project_id=project.pk)
        for number, (seconds, weight) in enumerate(held)
    ]
    lots.shuffle(spans)
    for start in range(0, 300, 70):
        count_spans(*spans[start : start + 70])
    ((_, figures),) = span_queries.slowest_spans([project.pk], HOUR, HOUR + 3600)
    assert (figures.count, figures.weighted) == (300, sum(weight for _, weight in held))
    assert figures.seconds == pytest.approx(sum(seconds * weight for seconds, weight in held))
    for quantile in QUANTILES:
        assert is_close(figures.percentile(quantile), held, quantile)
    assert SpanGroup.objects.count() == 1
    assert set(SpanBucket.objects.values_list("resolution", flat=True)) == {60, 3600, 86_400}
