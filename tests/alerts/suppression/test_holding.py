"""Silences, inhibition and windows as decisions over values."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.matchers import parse_matchers
from alerts.suppression import Inhibitor, SilenceState, inhibited_by, silence_state
from alerts.suppression.inhibition import Source
from alerts.suppression.silences import is_warning_due
from alerts.suppression.windows import window_end

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [
        (0, 60, SilenceState.ACTIVE),
        (-60, 1, SilenceState.ACTIVE),
        (-60, 0, SilenceState.EXPIRED),
        (1, 60, SilenceState.PENDING),
        (-2, -1, SilenceState.EXPIRED),
    ],
)
def test_a_silence_holds_from_its_start_up_to_its_end(start: int, end: int, state: SilenceState) -> None:
    assert silence_state(NOW + start * MINUTE, NOW + end * MINUTE, now=NOW) == state


@pytest.mark.parametrize(
    ("length", "left", "due"), [(120, 16, False), (120, 15, True), (120, 0, False), (20, 6, False), (20, 5, True)]
)
def test_it_warns_a_quarter_of_an_hour_or_a_quarter_of_itself_before(length: int, left: int, due: bool) -> None:
    end = NOW + left * MINUTE
    assert is_warning_due(end - length * MINUTE, end, now=NOW) is due


def inhibitor(equal: tuple[str, ...] = ("venue",), project: str = "") -> Inhibitor:
    rule = Inhibitor("Venue down", parse_matchers("source=venue"), parse_matchers('source=~".*"'), equal, project)
    rule.take(
        [
            Source(1, "LMAX is down", {"source": "venue", "venue": "lmax", "project": "desk"}),
            Source(2, "XTX is down", {"source": "venue", "venue": "xtx", "project": "desk"}),
            Source(3, "An order", {"source": "orders", "venue": "cboe", "project": "desk"}),
        ]
    )
    return rule


@pytest.mark.parametrize(
    ("alert_id", "labels", "by"),
    [
        (9, {"source": "orders", "venue": "lmax"}, 1),
        (9, {"source": "orders", "venue": "xtx"}, 2),
        (9, {"source": "orders", "venue": "cboe"}, None),  # its source is no source of the rule
        (9, {"source": "orders"}, None),  # missing is not lmax
        (1, {"source": "venue", "venue": "lmax"}, None),  # never itself
        (8, {"source": "venue", "venue": "lmax"}, None),  # both match both sides: they could silence each other
    ],
)
def test_an_alert_is_inhibited_by_an_open_one_with_equal_labels(
    alert_id: int, labels: dict[str, str], by: int | None
) -> None:
    found = inhibited_by([inhibitor()], alert_id, labels)
    assert (found[1].id if found else None) == by


def test_missing_and_empty_labels_are_equal() -> None:
    rule = Inhibitor("All", parse_matchers("source=venue"), parse_matchers("source=orders"), ("desk",))
    rule.take([Source(1, "down", {"source": "venue", "desk": ""})])
    assert inhibited_by([rule], 2, {"source": "orders"}) is not None


def test_a_projects_rule_stays_in_its_project() -> None:
    rule = inhibitor(project="desk")
    assert inhibited_by([rule], 9, {"source": "orders", "venue": "lmax", "project": "desk"}) is not None
    assert inhibited_by([rule], 9, {"source": "orders", "venue": "lmax", "project": "other"}) is None


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ([{"times": ["22:00-06:00"], "zone": "UTC"}], datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ([{"times": ["08:00-18:00"], "zone": "UTC"}], None),
        ([{"times": ["18:00-24:00"], "zone": "America/New_York"}], datetime(2026, 11, 24, 5, tzinfo=UTC)),
        ([], None),
        ("nonsense", None),  # unknown hours: deliver
        ([{"zone": "Mars/Base"}], None),
    ],
)
def test_until_when_windows_hold(written: object, end: datetime | None) -> None:
    assert window_end(written, now=NOW) == end
