import pytest

from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event, make_exception
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.choices import IssueState
from tradewatch.errors.models import Issue
from tradewatch.errors.priorities import priority_of
from tradewatch.errors.services import set_priority


@pytest.mark.parametrize(
    ("severity", "category", "more", "value", "why"),
    [
        ("error", "unknown", {}, "medium", "error severity"),
        ("error", "risk", {}, "high", "error severity, in risk"),
        ("warning", "order_execution", {}, "medium", "warning severity, in order execution"),
        ("info", "risk", {}, "low", "info severity"),
        ("critical", "unknown", {}, "high", "critical severity"),
        (
            "critical",
            "settlement",
            {"is_regressed": True},
            "high",
            "critical severity, in settlement, came back after it was resolved",
        ),
        ("warning", "network", {"users": 99}, "low", "warning severity"),
        ("warning", "network", {"users": 100}, "medium", "warning severity, 100 users or more"),
        (
            "debug",
            "network",
            {"is_regressed": True, "users": 500},
            "medium",
            "debug severity, came back after it was resolved, 100 users or more",
        ),
    ],
)
def test_priority(severity: str, category: str, more: dict[str, object], value: str, why: str) -> None:
    found = priority_of(severity, category, **more)  # type: ignore[arg-type]
    assert (found.value, found.why) == (value, why)


@pytest.mark.django_db
def test_it_follows_what_happens_until_a_person_says_otherwise(settings) -> None:
    settings.SENTRY_ENABLE_ERROR_CLASSIFICATION = False
    digest(make_event(make_exception("Odd"), level="warning"))
    assert (only_issue().priority, only_issue().priority_why) == ("low", "warning severity")
    digest(make_event(make_exception("Odd"), level="error"))
    assert only_issue().priority == "medium"
    Issue.objects.update(state=IssueState.RESOLVED, resolved_at=NOW.replace(hour=1))
    digest(make_event(make_exception("Odd")))
    assert (only_issue().priority, only_issue().is_regressed) == ("high", True)
    set_priority(SYSTEM, only_issue(), "low")
    digest(make_event(make_exception("Odd"), level="fatal"))
    assert (only_issue().severity, only_issue().priority, only_issue().priority_by) == ("critical", "low", "TradeWatch")


@pytest.mark.django_db
def test_many_users_raise_it(settings) -> None:
    settings.SENTRY_ENABLE_ERROR_CLASSIFICATION = False
    digest(*(make_event(make_exception("Odd"), user={"id": n}, level="warning") for n in range(100)))
    assert only_issue().priority == "medium"
