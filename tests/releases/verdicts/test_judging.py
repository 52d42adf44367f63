"""Counts in, verdict out: what is significant, what is large, what is too few."""

from dataclasses import replace
from datetime import timedelta

import pytest

from releases.choices import Verdict
from releases.verdicts.due import LATEST, PATIENCE, SETTLES, is_due, looks_missing
from releases.verdicts.evidence import Basis, Evidence, Finding, Stretch, as_json, evidence_of
from releases.verdicts.judging import judge
from releases.verdicts.samples import Counted, Endpoint, IssueSample, Noise, Sample
from releases.verdicts.words import summary_of
from tests.calendars.oracle import utc
from tradewatch.metrics.histogram import bin_of, bins_of

ORDERS = Endpoint("POST /orders", "http.server")


def sample(requests: int = 1000, failed: int = 0, seconds: float = 0.2) -> Sample:
    durations = [seconds * (0.5 + number % 100 / 100) for number in range(requests)]
    return Sample(requests, failed, requests, bins_of(durations))


def counted(before: Sample, after: Sample, *issues: IssueSample, **fields) -> Counted:
    return Counted({ORDERS: before}, {ORDERS: after}, issues, **fields)


def issue(before: int, after: int, *, is_new: bool = False, burstiness: float = 1.0, number: int = 1) -> IssueSample:
    return IssueSample(number, "KeyError", "risk in check", before, after, is_new, burstiness)


@pytest.mark.parametrize(
    "before, after, finding",
    [
        ((4000, 16), (4000, 84), Finding.WORSE),  # 0.4% -> 2.1%
        ((4000, 16), (4000, 16), Finding.SAME),
        ((4000, 16), (4000, 20), Finding.SAME),
        ((40_000, 4000), (40_000, 5000), Finding.SAME),  # certain, but only 1.25 times as many
        ((40_000, 0), (40_000, 4), Finding.SAME),  # only four
        ((1000, 84), (1000, 16), Finding.BETTER),
        ((41, 0), (38, 0), Finding.FEW),
        ((41, 0), (38, 3), Finding.FEW),
        ((0, 0), (1000, 500), Finding.FEW),  # nothing to compare with
        ((1000, 5), (0, 0), Finding.FEW),
    ],
)
def test_errors(before, after, finding):
    (found,) = judge(counted(sample(*before), sample(*after))).errors
    assert found.finding == finding
    assert (found.smallest is not None) == (finding == Finding.FEW and bool(before[0] and after[0]))


@pytest.mark.parametrize(
    "requests, factor, finding",
    [
        (500, 1.2, Finding.WORSE),
        (500, 1.05, Finding.SAME),  # too small a shift
        (500, 0.8, Finding.BETTER),
        (500, 1.0, Finding.SAME),
        (30, 1.0, Finding.FEW),
        (15, 3.0, Finding.FEW),
    ],
)
def test_latency(requests, factor, finding):
    (found,) = judge(counted(sample(requests), sample(requests, seconds=0.2 * factor))).latencies
    assert found.finding == finding
    assert found.shift is None or found.shift == pytest.approx(factor, rel=0.04)


@pytest.mark.parametrize(
    "asked, shares, finding",
    [
        (issue(0, 20, is_new=True), (0.5,), Finding.WORSE),
        (issue(0, 5, is_new=True), (0.5,), Finding.FEW),
        (issue(40, 100), (0.5,), Finding.WORSE),
        (issue(40, 50), (0.5,), Finding.SAME),
        (issue(40, 100, burstiness=10), (0.5,), Finding.SAME),
        (issue(10, 40), (0.5, 0.8), Finding.SAME),  # four times the requests
        (issue(10, 40), (0.8, 0.5), Finding.SAME),
    ],
)
def test_issues(asked, shares, finding):
    judged = judge(counted(sample(), sample(), asked, shares_after=shares))
    told = [each.finding for each in judged.issues]
    assert told == ([finding] if finding == Finding.WORSE or asked.is_new else [])
    assert (judged.verdict == Verdict.UNHEALTHY) == (finding == Finding.WORSE)


def test_of_many_endpoints_one_must_stand_out_more():
    """p is 0.0009: enough alone, not among forty of which each has failures enough to be asked."""
    alone = judge(counted(sample(1000, 10), sample(1000, 31)))
    assert alone.verdict == Verdict.UNHEALTHY and 0.0005 < alone.errors[0].p < 0.001
    others = {Endpoint(f"GET /{number}"): sample(1000, 20) for number in range(39)}
    many = judge(Counted({ORDERS: sample(1000, 10)} | others, {ORDERS: sample(1000, 31)} | others))
    assert many.verdict == Verdict.HEALTHY


def test_endpoints_that_hardly_fail_cost_the_others_nothing():
    others = {Endpoint(f"GET /{number}"): sample(1000, 1) for number in range(39)}
    judged = judge(Counted({ORDERS: sample(1000, 10)} | others, {ORDERS: sample(1000, 31)} | others))
    assert judged.verdict == Verdict.UNHEALTHY
    assert judged.errors[0].endpoint == ORDERS.name and len(judged.errors) == 40


def test_failures_that_come_in_bursts_and_latency_that_wanders_need_more():
    before, after = sample(4000, 40), sample(4000, 84, seconds=0.24)
    plain = judge(counted(before, after))
    assert (plain.errors[0].finding, plain.latencies[0].finding) == (Finding.WORSE, Finding.WORSE)
    noise = Noise(failures={ORDERS: 4.0}, latency={ORDERS: 0.1})
    calm = judge(counted(before, after, noise=noise))
    assert (calm.errors[0].finding, calm.latencies[0].finding) == (Finding.SAME, Finding.SAME)
    assert (calm.errors[0].burstiness, calm.latencies[0].wandering) == (4.0, 0.1)


def test_healthy_needs_most_requests_on_endpoints_that_tell_something():
    rare = {Endpoint("GET /rare"): sample(30)}
    busy = {ORDERS: sample(1000)}
    assert judge(Counted(busy | rare, busy | rare)).verdict == Verdict.HEALTHY
    few = judge(Counted(rare, rare))
    assert few.verdict == Verdict.INSUFFICIENT and few.judged_share == 0.0
    assert few.smallest is not None and few.smallest.endpoint == "GET /rare"
    assert judge(Counted({}, {})).judged_share is None


def evidence(judged) -> Evidence:
    stretch = Stretch(utc("2026-11-23T14:55"), utc("2026-11-23T15:10"))
    return Evidence(stretch, stretch, Basis.DIRECT, "the stretch directly before", judged)


def test_what_is_stored_is_read_back():
    judged = judge(counted(sample(4000, 16), sample(4000, 84), issue(0, 30, is_new=True)))
    found = evidence_of(as_json(evidence(judged)))
    assert found.judgement.errors[0].after == replace(
        judged.errors[0].after,
        low=pytest.approx(judged.errors[0].after.low, rel=1e-5),
        high=pytest.approx(judged.errors[0].after.high, rel=1e-5),
    )  # type: ignore[arg-type]
    assert found.before.minutes == 15 and found.judgement.verdict == "unhealthy"


@pytest.mark.parametrize(
    "given, words",
    [
        (
            counted(sample(14_752, 59), sample(14_800, 312), issue(0, 286, is_new=True)),
            "errors 0.4% -> 2.1% on POST /orders, 312 of 14,800; new: KeyError in risk.check (286)",
        ),
        (counted(sample(2000), sample(2000), issue(10, 60)), "louder: KeyError in risk.check (10 -> 60)"),
        (
            counted(sample(2000, 2), sample(2000, 2), issue(0, 3, is_new=True)),
            "nothing got worse on 1 endpoint, 2,000 requests, 0.1% failed; new: KeyError in risk.check (3)",
        ),
        (Counted({ORDERS: sample(50)}, {}), "no request in the stretch after"),
        (Counted({}, {ORDERS: sample(50)}), "no request in the stretch before to compare with"),
        (
            counted(sample(4), sample(3)),
            "3 requests against 4 are too few: on POST /orders not even all of them failing would have shown",
        ),
        (Counted({}, {}), "no request in the stretch after"),
    ],
)
def test_words(given, words):
    assert summary_of(evidence(judge(given))) == words


def test_a_title_cannot_break_the_line():
    nasty = IssueSample(1, "Key\r\nError", "", 0, 40, is_new=True)
    assert "\n" not in summary_of(evidence(judge(counted(sample(), sample(), nasty))))


def test_zero_durations_are_compared_too():
    zeros = Sample(100, 0, 100, {bin_of(0): 100})
    assert judge(counted(zeros, sample(100))).latencies[0].finding == Finding.WORSE


def test_a_look_waits_for_what_the_inbox_still_holds_but_not_for_ever():
    after = Stretch(utc("2026-11-23T14:55"), utc("2026-11-23T15:00"))
    over = after.end + SETTLES
    second = timedelta(seconds=1)
    assert not is_due(after, now=over - second, oldest_waiting=None)
    assert is_due(after, now=over, oldest_waiting=None)
    assert not is_due(after, now=over + second, oldest_waiting=after.start)
    assert is_due(after, now=over + second, oldest_waiting=over + second)
    assert is_due(after, now=over + PATIENCE, oldest_waiting=after.start)
    assert not is_due(after, now=after.end + LATEST, oldest_waiting=None)
    assert looks_missing([5]) == [15, 60]
