from urllib.parse import parse_qsl

import pytest

from tradewatch.dashboard.metrics_explorer.asked import MOST_CHARTS, Picked, query_of, read_charts

LATENCY = Picked(
    "orders.latency", "distribution", "millisecond", "p95", "venue", (("side", "B"), ("venue", "X=Y")), True
)
FILLS = Picked("orders.filled", "counter", "", "rate")


def test_what_the_address_says_is_read_back():
    query = query_of([LATENCY, FILLS], {"environment": "production"})
    parameters = dict(parse_qsl(query[1:]))
    assert len(parse_qsl(query[1:])) == len(parameters)  # each name once: the frame's links carry one value a name
    assert read_charts(parameters) == [LATENCY, FILLS]
    assert parameters["environment"] == "production"


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({}, []),
        ({"metric.0": ""}, []),
        ({"metric.0": "orders"}, []),
        ({"metric.0": "orders|set|"}, []),
        ({"metric.0": "|counter|"}, []),
        ({"metric.0": "a|counter|", "aggregation.0": "p95"}, [Picked("a", "counter", "", "rate")]),
        ({"metric.3": "a|gauge|percent", "by.3": "host"}, [Picked("a", "gauge", "percent", "avg", "host")]),
        ({f"metric.{MOST_CHARTS}": "a|gauge|"}, []),
        ({"metric.0": "a|gauge|", "where.0.new": ""}, [Picked("a", "gauge", "", "avg")]),
        ({"metric.0": "a|gauge|", "where.0.new": "nonsense"}, [Picked("a", "gauge", "", "avg")]),
        (
            {"metric.0": "a|gauge|", "where.0.0": "v=1", "where.0.new": "v=2", "where.1.0": "x=9"},
            [Picked("a", "gauge", "", "avg", "", (("v", "1"), ("v", "2")))],
        ),
        (
            {"metric.0": "a|gauge|", "where.0.0": "v=1", "where.0.new": "v=1"},
            [Picked("a", "gauge", "", "avg", "", (("v", "1"),))],
        ),
    ],
)
def test_what_is_not_sound_is_left_out(parameters, wanted):
    assert read_charts(parameters) == wanted


def test_filters_of_one_attribute_are_alternatives():
    picked = Picked("a", "gauge", "", "avg", "", (("v", "1"), ("v", "2"), ("s", "B")))
    assert picked.filters == {"v": ["1", "2"], "s": ["B"]}
    assert picked.without(("v", "1")).filters == {"v": ["2"], "s": ["B"]}
