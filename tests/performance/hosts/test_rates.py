import pytest

from tradewatch.performance.hosts.points import Key, Point, Reading, Snapshot, labels
from tradewatch.performance.hosts.rates import BUSY_SECONDS, CPU_SECONDS, points_between, rate

ETH0 = labels(interface="eth0")
SENT = ("network.sent", ETH0)


@pytest.mark.parametrize(
    ("before", "after", "elapsed", "expected"),
    [
        (100.0, 700.0, 60.0, 10.0),
        (100.0, 100.0, 60.0, 0.0),
        (700.0, 100.0, 60.0, None),  # began anew
        (2.0**32 - 10, 5.0, 60.0, None),  # wrapped around
        (100.0, 700.0, 0.0, None),
        (100.0, 700.0, -3600.0, None),  # a clock that went back
        (100.0, 700.0, 0.1, None),  # too short to say
        (0.0, 1e18, 60.0, None),  # another device under the same name
    ],
)
def test_a_rate_is_never_negative_and_never_a_spike(
    before: float, after: float, elapsed: float, expected: float | None
) -> None:
    assert rate(before, after, elapsed) == expected


def snapshot(at: float, counters: dict[Key, float], *gauges: Point, part: str = "network") -> Snapshot:
    return Snapshot({part: Reading(at, gauges, counters)})


def test_gauges_need_no_earlier_snapshot_and_rates_do() -> None:
    after = snapshot(70.0, {SENT: 700.0}, Point("processes", 80.0))
    assert points_between(None, after) == [Point("processes", 80.0)]
    assert points_between(snapshot(10.0, {SENT: 100.0}), after) == [
        Point("processes", 80.0),
        Point("network.sent", 10.0, ETH0),
    ]


def test_an_interface_that_is_new_or_gone_has_no_rate() -> None:
    assert points_between(snapshot(10.0, {}), snapshot(70.0, {SENT: 5e9})) == []
    assert points_between(snapshot(10.0, {SENT: 5e9}), snapshot(70.0, {})) == []


def test_a_part_that_hung_in_between_is_measured_over_its_own_time() -> None:
    late = Snapshot({"network": Reading(10.0, (), {SENT: 0.0})})
    after = Snapshot({"network": Reading(20.0, (), {SENT: 100.0})})
    assert points_between(late, after) == [Point("network.sent", 10.0, ETH0)]
    assert points_between(Snapshot({}, late=("network",)), after) == []


def cpu(at: float, **seconds: float) -> Snapshot:
    return snapshot(at, {(CPU_SECONDS, labels(state=state)): value for state, value in seconds.items()}, part="cpu")


def test_cpu_is_shared_out_among_its_states() -> None:
    points = points_between(
        cpu(0.0, user=100.0, system=50.0, iowait=5.0, idle=1000.0),
        cpu(60.0, user=130.0, system=60.0, iowait=25.0, idle=1060.0),
    )
    assert points[0] == Point("cpu", pytest.approx(40 / 120))
    assert {dict(each.labels)["state"]: each.value for each in points[1:]} == pytest.approx(
        {"user": 30 / 120, "system": 10 / 120, "iowait": 20 / 120, "idle": 60 / 120}
    )


def test_iowait_may_step_back_a_little() -> None:
    points = points_between(cpu(0.0, user=10.0, iowait=5.0, idle=10.0), cpu(60.0, user=20.0, iowait=4.9, idle=20.0))
    assert points[0] == Point("cpu", 0.5)
    assert all(0.0 <= each.value <= 1.0 for each in points)


@pytest.mark.parametrize(
    "after", [cpu(60.0, user=1.0, idle=2.0), cpu(60.0, user=100.0, idle=100.0), cpu(0.0, user=200.0, idle=200.0)]
)
def test_cpu_time_that_began_anew_or_did_not_move_says_nothing(after: Snapshot) -> None:
    assert points_between(cpu(0.0, user=100.0, idle=100.0), after) == []


def test_a_disk_is_busy_for_at_most_all_of_the_time() -> None:
    key = (BUSY_SECONDS, labels(device="vda"))
    [half] = points_between(snapshot(0.0, {key: 10.0}), snapshot(10.0, {key: 15.0}))
    assert half == Point("disk.busy", 0.5, labels(device="vda"))
    [full] = points_between(snapshot(0.0, {key: 10.0}), snapshot(10.0, {key: 40.0}))
    assert full.value == 1.0


def test_what_is_no_number_is_left_out() -> None:
    odd = (Point("load", float("nan")), Point("memory", float("inf")), Point("unheard.of", 1.0), Point("swap", 0.5))
    assert points_between(None, snapshot(0.0, {}, *odd)) == [Point("swap", 0.5)]
