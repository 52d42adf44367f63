"""Events in through the digest's own handler, rows out; every count is checked against one made here."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import Sum

from alerts.models import OccurrenceRecord
from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event, make_exception, make_frame
from tests.projects.builders import make_project
from tradewatch.errors.choices import IssueState
from tradewatch.errors.drafting import user_key
from tradewatch.errors.facts import identity_hash
from tradewatch.errors.models import Event, EventPayload, Issue, IssueHash, IssueUser, IssueUserAlias, TagCount
from tradewatch.metrics.models import Counter, Resolution
from tradewatch.projects.models import Environment, Release

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def news() -> list[tuple[str, int]]:
    return list(OccurrenceRecord.objects.order_by("id").values_list("kind", "count"))


def series(name: str, resolution: int = Resolution.MINUTE) -> int:
    return Counter.objects.filter(series=name, resolution=resolution).aggregate(n=Sum("count"))["n"] or 0


def test_a_first_event_opens_an_issue() -> None:
    event = make_event(user={"id": "7"}, contexts={"trace": {"trace_id": "0af7651916cd43dd8448eb211c80319c"}})
    digest(event)
    issue = only_issue()
    assert (issue.number, issue.title) == (1, "RiskLimitExceeded: limit breached")
    assert (issue.category, issue.severity) == ("risk", "error")
    assert issue.classified_why.startswith("exception type matches ")
    assert issue.classified_by is not None
    assert (issue.event_count, issue.dropped_count, issue.user_count) == (1, 0, 1)
    assert issue.first_seen_at == issue.last_seen_at == NOW
    assert issue.first_release == issue.last_release == Release.objects.get(version="oms@4.12.0")
    assert Environment.objects.get().name == "production"
    stored = Event.objects.get()
    assert stored.event_id == uuid.UUID(event["event_id"])
    assert stored.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert stored.payload["exception"]["values"][0]["type"] == "RiskLimitExceeded"  # type: ignore[index]
    assert news() == [("issue.new", 1)]
    told = OccurrenceRecord.objects.get()
    assert told.link == issue.get_absolute_url()
    assert told.tags["release"] == "oms@4.12.0"


def test_the_same_event_again_changes_nothing() -> None:
    event = make_event()
    digest(event, event)
    digest(event)
    digest({**make_event(make_exception("Other")), "event_id": event["event_id"]})
    assert only_issue().event_count == Event.objects.count() == EventPayload.objects.count() == 1
    assert series("events") == series("events", Resolution.HOUR) == 1
    assert TagCount.objects.get(key="venue").count == 1
    assert news() == [("issue.new", 1)]


def test_one_event_id_in_two_projects_is_two_events() -> None:
    event, other = make_event(), make_project("other")
    digest(event)
    digest(event, project=other)
    assert sorted(Issue.objects.values_list("project__slug", "number", "event_count")) == [
        ("default", 1, 1),
        ("other", 1, 1),
    ]


def frames(*, is_ours: bool) -> list[dict[str, object]]:
    return [make_frame("app", "starlette.routing"), make_frame(), make_frame("send", "app.bus", in_app=is_ours)]


def test_a_change_of_in_app_keeps_the_issue_and_its_new_hashes_lead_there_alone() -> None:
    digest(make_event(make_exception(frames=frames(is_ours=True))))
    digest(make_event(make_exception(frames=frames(is_ours=False))))
    assert only_issue().event_count == 2
    assert IssueHash.objects.count() == 3
    upgraded = [make_frame("app", "starlette.routing_v2"), *frames(is_ours=False)[1:]]
    digest(make_event(make_exception(frames=upgraded)))  # known by the hash that the second event brought
    assert only_issue().event_count == 3


def test_hashes_join_within_a_batch_too() -> None:
    digest(
        make_event(make_exception(frames=frames(is_ours=True))),
        make_event(make_exception("Other")),
        make_event(make_exception(frames=frames(is_ours=False))),
    )
    assert sorted(Issue.objects.values_list("number", "exception_type", "event_count")) == [
        (1, "RiskLimitExceeded", 2),
        (2, "Other", 1),
    ]


def test_numbers_go_on_counting_in_each_project() -> None:
    digest(make_event(), make_event(make_exception("A")))
    digest(make_event(make_exception("B")))
    digest(make_event(), project=make_project("other"))
    assert list(Issue.objects.order_by("id").values_list("number", flat=True)) == [1, 2, 3, 1]


def test_last_seen_is_the_latest_and_first_seen_the_earliest_whatever_comes_in_late() -> None:
    digest(make_event())
    digest(make_event(timestamp=(NOW - timedelta(hours=2)).timestamp()))
    digest(make_event(timestamp=(NOW - timedelta(hours=1)).timestamp()))
    assert only_issue().first_seen_at == NOW - timedelta(hours=2)
    assert only_issue().last_seen_at == NOW


def test_severity_rises_with_the_worst_event_and_critical_is_news() -> None:
    digest(make_event(level="warning"))
    digest(make_event(level="fatal"), make_event(level="fatal"), make_event(level="error"))
    digest(make_event(level="info"))
    assert only_issue().severity == "critical"
    assert news() == [("issue.new", 1), ("issue.critical", 2)]
    assert (series("events.severity.critical"), series("events.severity.info")) == (2, 1)


def test_users_are_counted_once_an_issue() -> None:
    digest(*(make_event(user={"id": number % 3}) for number in range(9)))
    digest(make_event(user={"id": 0}), make_event(user={"id": 99}), make_event())
    assert only_issue().user_count == IssueUser.objects.count() == 4
    assert series(f"issue.users:{only_issue().pk}") == 4


def test_an_event_without_release_or_environment(settings) -> None:
    settings.SENTRY_ENVIRONMENT = "staging"
    digest(make_event(release=None, environment=None))
    assert (Event.objects.get().environment, Event.objects.get().release) == ("staging", None)
    assert not Release.objects.exists()


def test_classification_switched_off(settings) -> None:
    settings.SENTRY_ENABLE_ERROR_CLASSIFICATION = False
    digest(make_event())
    assert (only_issue().category, only_issue().classified_by, only_issue().classified_why) == ("unknown", None, "")


# --- states ---------------------------------------------------------------------------------------


def resolve(in_release: str | None = None, *, in_next: bool = False) -> None:
    release = Release.objects.get(version=in_release) if in_release else None
    Issue.objects.update(
        state=IssueState.RESOLVED,
        resolved_at=NOW + timedelta(minutes=1),
        resolved_in_release=release,
        resolves_in_next_release=in_next,
    )


def test_regression_by_release_order() -> None:
    digest(make_event(release="oms@4.12.0"))
    resolve("oms@4.12.0")
    digest(make_event(release="oms@4.9.0"), received_at=LATER)
    assert (only_issue().state, only_issue().event_count) == ("resolved", 2)
    digest(make_event(release="oms@4.12.1"), received_at=LATER)
    issue = only_issue()
    assert (issue.state, issue.is_regressed, issue.resolved_at) == ("unresolved", True, None)
    assert issue.resolved_in_release is None
    assert issue.last_release is not None
    assert issue.last_release.version == "oms@4.12.1"
    assert news() == [("issue.new", 1), ("issue.regressed", 1)]
    digest(make_event(release="oms@4.12.1"), received_at=LATER)
    assert news() == [("issue.new", 1), ("issue.regressed", 1)]


def test_one_event_of_a_batch_is_enough_for_a_regression() -> None:
    digest(make_event())
    resolve(in_next=True, in_release="oms@4.12.0")
    digest(make_event(), make_event(release="oms@4.13.0"), make_event(), received_at=LATER)
    assert only_issue().is_regressed
    assert OccurrenceRecord.objects.get(kind="issue.regressed").message == "came back in oms@4.13.0"


def test_an_ignored_issue_counts_in_silence_until_its_condition_is_met() -> None:
    digest(make_event())
    Issue.objects.update(state=IssueState.IGNORED, ignored_until_events=4)
    digest(make_event(level="fatal"), make_event())
    assert (only_issue().state, only_issue().event_count) == ("ignored", 3)
    assert news() == [("issue.new", 1)]
    digest(make_event())
    assert (only_issue().state, only_issue().is_regressed) == ("unresolved", False)
    assert OccurrenceRecord.objects.last().message == "was ignored until 4 events"  # type: ignore[union-attr]


def test_users_end_the_silence_with_the_batch_that_brings_them() -> None:
    digest(make_event(user={"id": 1}))
    Issue.objects.update(state=IssueState.IGNORED, ignored_until_users=3)
    digest(make_event(user={"id": 1}), make_event(user={"id": 2}))
    assert only_issue().state == "ignored"
    digest(make_event(user={"id": 3}))
    assert only_issue().state == "unresolved"


# --- limits ---------------------------------------------------------------------------------------


def test_a_spike_is_counted_and_not_stored() -> None:
    project = make_project(spike_limit_per_minute=3)
    digest(*(make_event() for _ in range(2)), project=project)
    digest(*(make_event() for _ in range(5)), make_event(make_exception("Other")), project=project)
    issue = Issue.objects.get(exception_type="RiskLimitExceeded")
    assert (issue.event_count, issue.dropped_count, issue.events.count()) == (7, 4, 3)
    assert series("events") == 8
    assert series(f"issue:{issue.pk}") == 7
    assert TagCount.objects.get(issue=issue, key="venue").count == 7
    later = (NOW + timedelta(seconds=60)).timestamp()
    digest(make_event(timestamp=later), project=project, received_at=LATER)
    assert issue.events.count() == 4


def test_tag_values_above_the_cap_are_counted_as_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewatch.errors.tagging.VALUES_KEPT", 5)
    for batch in range(4):
        digest(*(make_event(tags={"order": f"o-{batch}-{number}", "venue": "lmax"}) for number in range(3)))
    digest(make_event(tags={"order": "o-0-0", "venue": "lmax"}))
    counts = dict(TagCount.objects.filter(key="order").values_list("value", "count"))
    assert sum(counts.values()) == 13
    assert counts["<other>"] == 9
    assert counts["o-0-0"] == 2
    assert dict(TagCount.objects.filter(key="venue").values_list("value", "count")) == {"lmax": 13}


# --- a whole day's work ---------------------------------------------------------------------------


@pytest.mark.slow
def test_every_count_of_many_batches_equals_the_stored_events() -> None:
    project = make_project(spike_limit_per_minute=20)
    for batch in range(3):
        digest(
            *(
                make_event(
                    make_exception(f"Fault{chr(65 + number % 26)}{chr(65 + number // 26 % 4)}"),
                    user={"id": number % 17},
                    release=f"oms@4.{number % 3}.0",
                    environment=("production", "staging")[number % 2],
                    tags={"venue": f"v{number % 4}"},
                )
                for number in range(300)
            ),
            project=project,
            received_at=NOW + timedelta(seconds=batch),
        )
    assert Issue.objects.count() == 104
    for issue in Issue.objects.all():
        stored = issue.events.count()
        assert issue.event_count == stored + issue.dropped_count
        assert series(f"issue:{issue.pk}") == series(f"issue:{issue.pk}", Resolution.HOUR) == issue.event_count
        assert issue.user_count == issue.issueuser_set.count()
        for key in ("venue", "release", "environment"):
            assert issue.tag_counts.filter(key=key).aggregate(n=Sum("count"))["n"] == issue.event_count
    assert series("events") == 900
    assert Event.objects.count() == EventPayload.objects.count()
    for release in Release.objects.all():
        assert series(f"events.release.{release.version}") == 300
    assert series("events.severity.error") == 900
    assert sum(news_count for kind, news_count in news() if kind == "issue.new") == 300


def test_a_user_is_counted_once_and_found_by_every_name() -> None:
    digest(make_event(user={"id": 7, "email": "ann@desk.example"}), make_event(user={"id": 7, "username": "ann"}))
    digest(make_event(user={"id": 7, "email": "ann@desk.example"}))
    issue = only_issue()
    assert issue.user_count == issue.issueuser_set.count() == 1
    names = {
        identity_hash(name, value, key=user_key(settings.SECRET_KEY))
        for name, value in (("email", "ann@desk.example"), ("username", "ann"))
    }
    assert set(IssueUserAlias.objects.filter(issue=issue).values_list("alias_hash", flat=True)) == names
