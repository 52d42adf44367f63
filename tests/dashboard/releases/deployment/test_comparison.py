"""The rows of "Before and after", from findings alone."""

from datetime import timedelta
from typing import Any

import pytest

from releases.verdicts.evidence import Basis, Evidence, Finding, Stretch, Times
from tests.dashboard.releases.deployment.builders import (
    BETTER,
    FEW,
    SAME,
    WORSE,
    errors,
    evidence,
    issue,
    latency,
    share,
)
from tests.releases.builders import NOW
from tradewatch.dashboard.releases.deployment.comparing.errors import error_evidence, share_words
from tradewatch.dashboard.releases.deployment.comparing.latencies import latency_evidence, speed_words
from tradewatch.dashboard.releases.deployment.comparing.rows import p_words
from tradewatch.dashboard.releases.deployment.comparing.table import table_of
from tradewatch.dashboard.releases.deployment.headline import agreement, headline_of, stretch_words


# --- errors ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("finding", "values", "words"),
    [
        (WORSE, {}, "5.3x, at least 4.0x; 253 more failures; p < 0.0001"),
        (
            WORSE,
            {"risk_ratio": None, "before": share(0, 900), "more": 12, "q": 0.0004},
            "none failed before; 12 more failures; p 0.0004",
        ),
        (
            BETTER,
            {"risk_ratio": 0.2, "at_most": 0.31, "more": -40.2, "q": 1.0},
            "0.2x, at most 0.3x; 40 fewer failures",
        ),
        (SAME, {"risk_ratio": 1.2, "at_most": 2.7, "q": 0.3}, "1.2x, at most 2.7x"),
        (
            SAME,
            {"risk_ratio": 2.4, "q": 0.04, "burstiness": 5.2},
            "2.4x, but about 5 used to fail together: chance explains it, p 0.04",
        ),
        (SAME, {"risk_ratio": 1.4, "q": 1e-9}, "1.4x; below the 1.5x that counts; p < 0.0001"),
        (SAME, {"risk_ratio": None, "more": 4.4, "q": 0.0002}, "4 more failures; too few to matter"),
        (SAME, {"risk_ratio": None, "before": share(0, 900), "after": share(0, 900), "q": 1.0}, "none failed"),
        (
            SAME,
            {"risk_ratio": None, "before": share(0, 900), "after": share(1, 900), "q": 1.0},
            "1 failure after none: too few to matter",
        ),
        (FEW, {"smallest": 0.091}, "only a rise to 9.1% or more would have shown"),
        (FEW, {"smallest": None}, "not even all of them failing would have shown"),
        (FEW, {"before": share(0, 0)}, "no request before"),
        (FEW, {"after": share(0, 0)}, "no request after"),
    ],
)
def test_why_errors_are_found_so(finding: Finding, values: dict[str, Any], words: str) -> None:
    assert error_evidence(errors(finding=finding, **values)) == words


@pytest.mark.parametrize(
    ("failed", "requests", "words"),
    [
        (312, 14_800, "2.11%"),
        (0, 41, "0%"),
        (9, 48_110, "0.02%"),
        (50, 100, "50.0%"),
        (7, 7, "100%"),
        (0, 0, "no data"),
    ],
)
def test_shares_keep_two_digits_below_ten_percent(failed: int, requests: int, words: str) -> None:
    assert share_words(share(failed, requests)) == words


@pytest.mark.parametrize(("p", "words"), [(1e-9, "p < 0.0001"), (0.0021, "p 0.0021"), (0.34, "p 0.34"), (1, "p 1.00")])
def test_how_likely_it_is_by_chance(p: float, words: str) -> None:
    assert p_words(p) == words


# --- latency --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("finding", "values", "words"),
    [
        (WORSE, {"shift": 1.8, "a12": 0.71, "q": 1e-9}, "80% slower, A12 0.71; p < 0.0001"),
        (BETTER, {"shift": 0.74, "a12": 0.39, "q": 1.0}, "26% faster, A12 0.39"),
        (SAME, {"shift": 1.046}, "4.6% slower; below the 10% that counts"),
        (SAME, {"shift": 1.0}, "as fast"),
        (SAME, {"shift": 1.2, "a12": 0.54, "q": 0.2}, "20% slower, which chance explains: p 0.20"),
        (
            SAME,
            {"shift": 1.2, "a12": 0.6, "q": 0.2, "wandering": 0.14},
            "20% slower, but it used to move by 14% from five minutes to the next: p 0.20",
        ),
        (SAME, {"shift": 1.2, "a12": 0.54, "q": 0.0001}, "20% slower, A12 0.54: too little to matter"),
        (SAME, {"shift": 0.8, "a12": 0.46, "q": 1.0}, "20% faster, A12 0.46: too little to matter"),
        (FEW, {"smallest_a12": 0.78}, "only an A12 of 0.78 or more would have shown"),
        (FEW, {"smallest_a12": 1.3}, "too few to tell"),
        (FEW, {"after": Times(0)}, "no request after"),
    ],
)
def test_why_latency_is_found_so(finding: Finding, values: dict[str, Any], words: str) -> None:
    assert latency_evidence(latency(finding=finding, **values)) == words


@pytest.mark.parametrize(
    ("shift", "words"), [(1.26, "26% slower"), (0.74, "26% faster"), (1.0002, "as fast"), (1.01, "1% slower")]
)
def test_speed_in_words(shift: float, words: str) -> None:
    assert speed_words(shift) == words


# --- the table ------------------------------------------------------------------------------------------------------
def test_what_changed_comes_first_and_the_rest_is_folded_but_the_busiest() -> None:
    same = [errors(f"GET /{n}", SAME, after=share(1, 100 + n), q=1.0) for n in range(12)]
    found = evidence(
        errors=(errors(), *same), latencies=(latency(finding=BETTER, shift=0.7, a12=0.4),), issues=(issue(1), issue(2))
    )
    table = table_of(found)
    assert [row.what for row in table.rows] == [
        *("New issues", "Errors, POST /orders", "p95, GET /positions"),
        *(f"Errors, GET /{n}" for n in range(11, 5, -1)),
    ]
    assert table.folded == 6
    everything = table_of(found, shows_all=True)
    assert (len(everything.rows), everything.folded) == (15, 0)
    assert "corrected over 13 endpoints" in table.footer


def test_what_rose_beyond_chance_by_less_than_counts_is_not_called_the_same() -> None:
    slight = errors("/orders", SAME, risk_ratio=1.4, before=share(517, 1907), after=share(682, 1828), q=1e-9)
    row, other = table_of(evidence("healthy", errors=(errors("/quotes", SAME, q=1.0), slight))).rows
    assert (row.what, row.word, row.badge) == ("Errors, /orders", "Slightly worse", "warning")
    assert (other.word, other.badge) == ("Same", "ok")


def test_all_that_changed_is_shown_however_much() -> None:
    table = table_of(evidence(errors=tuple(errors(f"GET /{n}") for n in range(20))))
    assert (len(table.rows), table.folded) == (20, 0)


def test_a_row_opens_to_its_counts() -> None:
    (row,) = table_of(evidence(errors=(errors(),))).rows
    assert (row.before, row.before_counts, row.after, row.after_counts) == (
        *("0.40%", "59 / 14,752"),
        *("2.11%", "312 / 14,800"),
    )
    assert (row.word, row.badge) == ("Worse", "bad")
    (slow,) = table_of(evidence(latencies=(latency(),), errors_asked=1)).rows
    assert (slow.before, slow.before_counts, slow.after, slow.after_counts) == ("96 ms", "5,204", "71 ms", "5,188")


def test_new_issues_are_one_row_with_links_the_loudest_first() -> None:
    found = evidence(issues=tuple(issue(pk, FEW, after=pk) for pk in range(1, 8)))
    (row,) = table_of(found).rows
    assert (row.what, row.before, row.after, row.word, row.evidence) == (
        "New issues",
        "0",
        "7",
        "Too few",
        "and 2 more",
    )
    assert [(link.issue_id, link.count) for link in row.issues] == [(7, "7"), (6, "6"), (5, "5"), (4, "4"), (3, "3")]


def test_louder_issues_are_a_row_of_their_own() -> None:
    (row,) = table_of(evidence(issues=(issue(4, is_new=False, before=3, after=40),))).rows
    assert (row.what, row.before, row.after, row.word) == ("Louder issues", "3", "40", "Worse")


def test_endpoints_of_one_name_are_told_apart_by_operation() -> None:
    rows = table_of(evidence(errors=(errors("settle"), errors("settle", op="queue.task"), errors("risk")))).rows
    assert {row.what for row in rows} == {"Errors, settle (http.server)", "Errors, settle (queue.task)", "Errors, risk"}


def test_without_requests_nothing_is_said_to_be_the_same() -> None:
    table = table_of(evidence("insufficient"))
    assert (table.rows, table.footer) == ((), "No request was measured on either side.")


# --- the sentence on top --------------------------------------------------------------------------------------------
def test_the_worst_is_said_in_one_sentence() -> None:
    found = headline_of(evidence(errors=(errors(),), issues=(issue(1),)))
    assert found and found.said == "Errors on POST /orders went from 0.40% to 2.11% after this deployment."
    assert found.counts == "312 of 14,800 requests, before 59 of 14,752."


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        (
            {"errors": (errors(finding=SAME),), "latencies": (latency(finding=WORSE, shift=1.8),)},
            "GET /positions is 80% slower after this deployment.",
        ),
        ({"issues": (issue(1, FEW), issue(2))}, "Error2 is new since this deployment."),
        ({"issues": (issue(3, is_new=False, before=4),)}, "Error3 got louder after this deployment."),
    ],
)
def test_what_else_may_get_worse(judged: dict[str, Any], said: str) -> None:
    found = headline_of(evidence(**judged))
    assert found and found.said == said


def test_where_nothing_got_worse_there_is_no_sentence() -> None:
    assert headline_of(evidence("healthy", errors=(errors(finding=SAME),), issues=(issue(1, FEW),))) is None


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([], ""),
        ([(5, "unhealthy")], ""),
        ([(5, "unhealthy"), (15, "unhealthy")], "Both looks agree."),
        ([(5, "healthy"), (15, "healthy"), (60, "healthy")], "All three looks agree."),
        (
            [(5, "insufficient"), (15, "unhealthy")],
            "Insufficient data after 5 min, unhealthy after 15 min.",
        ),
    ],
)
def test_whether_the_looks_agree(verdicts: list[tuple[int, str]], words: str) -> None:
    assert agreement(verdicts) == words


def test_which_stretches_were_compared() -> None:
    plain = evidence()
    assert stretch_words(plain) == "15 min each side"
    moved = Evidence(
        plain.before,
        Stretch(NOW, NOW + timedelta(minutes=9)),
        Basis.SESSION,
        "the same phase of the XNYS session of 20 Nov",
        plain.judgement,
        market="XNYS",
        phase="XNYS: in the session",
        cut_by=7,
    )
    assert stretch_words(moved) == (
        "9 min each side, XNYS: in the session, before is the same phase of the XNYS session of 20 Nov, "
        "cut where the next deployment began"
    )
