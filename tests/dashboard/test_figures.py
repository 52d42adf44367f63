from dataclasses import replace
from datetime import timedelta

from tradewatch.dashboard.figures import Figure, Measures, make_figures
from tradewatch.metrics.queries import Totals

HOUR = timedelta(hours=1)
SILENCE = Measures(requests=Totals(), failed=Totals(), events=0, users=0, p95_seconds=None)


def measures(requests: int, failed: int, *, weight: float = 1.0, events: int = 0, users: int | None = 0) -> Measures:
    return Measures(
        requests=Totals(requests, requests * weight),
        failed=Totals(failed, failed * weight),
        events=events,
        users=users,
        p95_seconds=0.431,
    )


def figures(now: Measures, before: Measures = SILENCE) -> dict[str, Figure]:
    return {
        figure.name: figure
        for figure in make_figures(now, before, length=HOUR, compared="the hour before", threshold=0.05)
    }


def test_a_rate_stands_with_the_counts_it_was_made_of() -> None:
    shown = figures(measures(14_800, 312), measures(10_000, 40))["Failed requests"]
    assert (shown.value, shown.unit, shown.counts) == ("2.1", "%", "312 / 14,800 requests")
    assert shown.change == "▲ 5.3x on the hour before"
    assert shown.is_worse


def test_above_what_an_alert_fires_at_a_rate_is_bad_and_says_so() -> None:
    shown = figures(measures(1_000, 60), measures(1_000, 61))["Failed requests"]
    assert shown.is_bad
    assert shown.is_worse
    assert shown.change == "unchanged on the hour before, alert above 5%"
    assert not figures(measures(1_000, 50))["Failed requests"].is_bad


def test_sessions_stand_in_for_requests_under_their_own_name() -> None:
    now = replace(measures(1_480, 31), unit="session")
    shown = figures(now, measures(10_000, 40))  # before, there were transactions: nothing to compare with
    assert (shown["Failed sessions"].value, shown["Failed sessions"].counts) == ("2.1", "31 / 1,480 sessions")
    assert shown["Failed sessions"].change == "nothing in the hour before"
    assert shown["Sessions"].counts == "1,480 sessions"


def test_each_figure_opens_to_its_counts() -> None:
    assert [each.key for each in figures(SILENCE).values()] == ["error-rate", "errors", "requests", "p95", "users"]


def test_sampled_requests_are_estimated_and_say_what_was_seen() -> None:
    shown = figures(measures(1_000, 20, weight=5.0))
    assert shown["Failed requests"].counts == "≈ 100 / 5,000, seen 20 / 1,000"
    assert shown["Requests"].counts == "≈ 5,000 requests, 1,000 seen"
    assert shown["Requests"].value == "83"


def test_silence_is_no_data_and_never_zero_percent() -> None:
    shown = figures(SILENCE)
    assert shown["Failed requests"].value == "no data"
    assert shown["Requests"].value == "no data"
    assert shown["p95 of requests"].value == "no data"
    assert shown["Errors"].value == "0"


def test_more_requests_are_not_worse() -> None:
    shown = figures(measures(2_000, 0), measures(1_000, 0))["Requests"]
    assert shown.change == "▲ 2.0x on the hour before"
    assert not shown.is_worse


def test_events_without_users_have_no_number_of_users() -> None:
    assert figures(measures(1, 1, events=5, users=None))["Users affected"].value == "no data"
    assert figures(measures(1, 1, events=5, users=48))["Users affected"].value == "≈ 48"
