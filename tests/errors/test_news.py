import pytest

from alerts.models import OccurrenceRecord
from tests.errors.builders import digest, only_issue
from tests.errors.documents import make_event, make_exception

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("level", "severity"), [("debug", "info"), ("info", "info"), ("warning", "warning"), ("error", "error")]
)
def test_severity_in_the_words_of_alerts(level: str, severity: str) -> None:
    digest(make_event(level=level))
    assert OccurrenceRecord.objects.get().severity == severity


@pytest.mark.parametrize(
    ("kind", "category"),
    [("SlowQuery", "performance"), ("CSRFError", "security"), ("RecursionError", "system"), ("OrderRejected", "error")],
)
def test_category_in_the_words_of_alerts(kind: str, category: str) -> None:
    digest(make_event(make_exception(kind)))
    assert OccurrenceRecord.objects.get().category == category


def test_a_critical_first_event_is_news_twice_over_with_one_fingerprint() -> None:
    digest(*(make_event(make_exception("MemoryError", "used up")) for _ in range(3)), make_event(server_name="oms-1"))
    critical = OccurrenceRecord.objects.get(kind="issue.critical")
    new = OccurrenceRecord.objects.filter(kind="issue.new").first()
    assert new is not None
    assert (new.fingerprint, new.count) == (critical.fingerprint, critical.count)
    assert critical.severity == "critical"
    assert critical.title == "MemoryError: used up"
    assert critical.tags["category"] == "system"
    assert OccurrenceRecord.objects.get(tags__server_name="oms-1").tags["issue"] == "2"


def test_the_count_of_critical_news_is_that_of_critical_events() -> None:
    digest(make_event(level="fatal"), make_event(level="error"), make_event(level="fatal"))
    assert dict(OccurrenceRecord.objects.values_list("kind", "count")) == {"issue.new": 3, "issue.critical": 2}
    assert only_issue().severity == "critical"
