"""Each question over stored rows: where its cause was planted it is named, and where it was not it is not."""

from datetime import timedelta
from typing import Any

import pytest

from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import find_subject
from debugging.steps import asking
from debugging.steps.answers import Answer
from tests.debugging.builders import MINUTE, NOW, store_event
from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception, make_frame
from tests.performance.checks.builders import make_check
from tests.projects.builders import make_project
from tests.releases.builders import make_deployment, see
from tests.releases.commits.builders import draft, make_release
from tradewatch.errors.models import Event
from tradewatch.performance.checks.choices import CheckState
from tradewatch.performance.models import CheckSpan

pytestmark = pytest.mark.django_db
YES, NO, UNKNOWN = Finding.YES, Finding.NO, Finding.UNKNOWN


def ask(event: Event) -> dict[str, Answer]:
    subject = find_subject([event.project_id], event.event_id.hex)
    return {answer.key: answer for answer in asking.ask_all(subject, now=event.timestamp + MINUTE)}


def test_what_was_never_stored_is_unknown_with_a_reason() -> None:
    answers = ask(store_event(release=None))
    assert {key: answer.finding for key, answer in answers.items()} == {
        StepKey.NEW_IN_RELEASE: UNKNOWN,
        StepKey.DEPLOYMENT: UNKNOWN,
        StepKey.COMMITS: UNKNOWN,
        StepKey.SHARED: UNKNOWN,
        StepKey.SLOW: UNKNOWN,
        StepKey.CHECKS: UNKNOWN,
        StepKey.BURSTS: NO,
    }
    assert all(answer.summary.endswith(".") for answer in answers.values())


def test_a_bad_release_is_named_by_newness_deployment_and_commit() -> None:
    make_project()
    see("oms@2.0.0", at=NOW - timedelta(days=9))
    path = "app/risk/limits.py"
    make_release("oms@2.0.1", draft("b", files=[path]), draft("c", files=["README.md"]))
    make_deployment("2.0.0", started_at=NOW - timedelta(days=9))
    make_deployment("2.0.1", started_at=NOW - 5 * MINUTE)
    answers = ask(store_event(release="oms@2.0.1"))
    assert answers[StepKey.NEW_IN_RELEASE].finding == YES
    assert "not once in the 9 d before" in answers[StepKey.NEW_IN_RELEASE].summary
    deployed = answers[StepKey.DEPLOYMENT]
    assert deployed.finding == YES and deployed.summary.startswith(
        "2.0.1 to production by Mara Lindqvist went out 3 min"
    )
    commit = answers[StepKey.COMMITS]
    assert commit.finding == YES and "feat: b" in commit.summary and path in commit.summary
    assert [each["subject"] for each in commit.evidence["commits"]] == ["feat: b"]
    assert commit.evidence["commits"][0]["link"].startswith("https://github.com/acme/trading-api/commit/")


def test_an_old_error_is_not_blamed_on_the_new_release() -> None:
    make_project()
    see("oms@1.9.0", at=NOW - timedelta(days=20))
    make_release("oms@2.0.0", draft("a", files=["README.md"]))
    store_event(release="oms@2.0.0", at=NOW - timedelta(days=9))
    make_deployment("2.0.1", started_at=NOW - 5 * MINUTE)
    answers = ask(store_event(release="oms@2.0.1"))
    assert answers[StepKey.NEW_IN_RELEASE].finding == NO
    assert "1 of 2 events are of oms@2.0.1" in answers[StepKey.NEW_IN_RELEASE].summary
    assert answers[StepKey.DEPLOYMENT].finding == NO  # none went out before the first event
    assert answers[StepKey.COMMITS].finding == NO


def test_commits_that_do_not_say_their_files_prove_nothing() -> None:
    make_project()
    make_release("oms@2.0.1", draft("a"))
    answer = ask(store_event(release="oms@2.0.1"))[StepKey.COMMITS]
    assert (answer.finding, answer.summary) == (
        UNKNOWN,
        "Of 1 commit of oms@2.0.1 none says which files it changed.",
    )


def span(name: str, state: CheckState, began: timedelta, ended: timedelta, detail: str = "") -> None:
    CheckSpan.objects.create(
        check_row=make_check(name=name), state=state, started_at=NOW + began, ended_at=NOW + ended, detail=detail
    )


def test_a_check_that_was_down_then_is_named_and_one_that_was_down_before_is_not() -> None:
    span("venue", CheckState.DOWN, -3 * MINUTE, 4 * MINUTE, "connection refused")
    span("feed", CheckState.DOWN, -90 * MINUTE, -60 * MINUTE)
    span("ledger", CheckState.UP, -90 * MINUTE, 60 * MINUTE)
    event = store_event()
    answer = ask(event)[StepKey.CHECKS]
    assert answer.finding == YES
    assert answer.summary == "venue was down since 09:27:15 UTC: connection refused."
    assert (answer.evidence["checks"], answer.evidence["known"]) == (3, 2)
    CheckSpan.objects.filter(check_row__name="venue").delete()
    assert ask(event)[StepKey.CHECKS].summary == "1 of 3 checks good from 09:20 to 09:35 UTC."


def events(count: int, kind: str, *, at: Any = NOW, **fields: Any) -> None:
    frames = [make_frame(kind.lower(), "app.orders")]
    digest(
        *(
            make_event(make_exception(kind, frames=frames), **{"timestamp": at.timestamp(), **fields})
            for _ in range(count)
        ),
        received_at=at,
    )


def test_another_issue_that_bursts_is_named_and_one_that_comes_as_always_is_not() -> None:
    event = store_event(at=NOW)
    events(30, "FeedLost", at=NOW - 2 * MINUTE)
    for minutes in range(15, 75, 5):
        events(4, "SlowQuote", at=NOW - minutes * MINUTE)
    events(14, "SlowQuote", at=NOW - MINUTE)
    answer = ask(event)[StepKey.BURSTS]
    assert answer.finding == YES
    assert [each["title"] for each in answer.evidence["bursts"]] == ["FeedLost: limit breached"]
    assert answer.evidence["looked_at"] == 2


def test_what_failing_ones_share_is_found_among_other_errors_where_no_request_is_kept() -> None:
    events(12, "MarginError", user={"id": "acc-4"}, tags={"venue": "lmax"})
    for number in range(12):
        events(1, "Other", user={"id": f"acc-{number % 3}"}, tags={"venue": "lmax"})
    answer = ask(Event.objects.filter(issue__exception_type="MarginError").first())[StepKey.SHARED]  # type: ignore[arg-type]
    assert answer.finding == YES and answer.evidence["compared_with"] == "other errors"
    assert [(each["key"], each["value"]) for each in answer.evidence["shared"]] == [("user", "acc-4")]
    other = ask(Event.objects.filter(issue__exception_type="Other").first())[StepKey.SHARED]  # type: ignore[arg-type]
    assert (other.finding, other.evidence["shared"]) == (NO, [])


def test_a_question_that_breaks_leaves_the_others_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(subject: object) -> Answer:
        raise ValueError

    monkeypatch.setattr(asking.checking, "ask", broken)
    answers = ask(store_event())
    assert answers[StepKey.CHECKS].summary == "TradeWatch failed to answer this; its log says why."
    assert answers[StepKey.BURSTS].finding == NO


def test_the_number_of_queries_does_not_grow_with_what_is_stored(django_assert_max_num_queries: Any) -> None:
    def opened() -> int:
        event = Event.objects.filter(issue__exception_type="MarginError").first()
        assert event is not None
        subject = find_subject([event.project_id], event.event_id.hex)
        with django_assert_max_num_queries(40) as asked:
            asking.ask_all(subject, now=NOW + MINUTE)
        return len(asked.captured_queries)

    events(10, "MarginError", user={"id": "acc-4"})
    events(20, "Other")
    few = opened()
    for number in range(30):
        events(12, f"Other{number}")
    events(150, "MarginError", user={"id": "acc-4"})
    assert opened() == few
