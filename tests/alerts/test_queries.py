import pytest

from alerts.choices import AlertSeverity
from alerts.queries import OpenAlertCounts, open_alert_counts, open_alerts
from alerts.services import acknowledge_alert, resolve_alert
from tests.alerts.builders import MINUTE, NOW, make_alert
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
CRITICAL = AlertSeverity.CRITICAL


def test_open_alerts_are_the_projects_own_newest_first_with_those_of_no_environment() -> None:
    project, other = make_project(), make_project("other")
    make_alert(dedup_key="a", title="everywhere")
    make_alert(dedup_key="b", title="production", environment="production", at=NOW + MINUTE)
    make_alert(dedup_key="c", title="staging", environment="staging")
    make_alert(dedup_key="d", title="other", project_id=other.pk)
    resolve_alert(SYSTEM, make_alert(dedup_key="e", title="ended"))
    assert [a.title for a in open_alerts([project.pk], "production")] == ["production", "everywhere"]
    assert {a.title for a in open_alerts([project.pk])} == {"everywhere", "production", "staging"}
    assert {a.title for a in open_alerts([project.pk, other.pk], None)} >= {"other", "staging"}
    assert not open_alerts([]).exists()


def test_red_is_what_is_critical_and_nobodys() -> None:
    project = make_project()
    assert open_alert_counts([project.pk]) == OpenAlertCounts(total=0, firing=0, critical_firing=0)
    make_alert(dedup_key="a")
    make_alert(dedup_key="b", severity=CRITICAL)
    acknowledge_alert(SYSTEM, make_alert(dedup_key="c", severity=CRITICAL))
    assert open_alert_counts([project.pk]) == OpenAlertCounts(total=3, firing=2, critical_firing=1)
    assert open_alert_counts([project.pk], "staging").total == 3
