"""Taking an acknowledgement back: what the Undo of a page does."""

import pytest

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.services import acknowledge_alert, resolve_alert, unacknowledge_alert
from tests.dashboard.builders import make_alert
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def actor(name: str, role: Role) -> Actor:
    user = make_user(name, role=role)
    return Actor(kind="user", id=user.pk, label=name)


@pytest.fixture
def rosa() -> Actor:
    make_project()
    return actor("rosa", Role.RESPONDER)


def test_an_acknowledgement_taken_back_leaves_the_alert_waiting_and_a_trail(rosa: Actor) -> None:
    alert = acknowledge_alert(rosa, make_alert())
    alert = unacknowledge_alert(rosa, alert)
    stored = Alert.objects.get(pk=alert.pk)
    assert (stored.state, stored.acknowledged_at, stored.acknowledged_by) == (AlertState.FIRING, None, "")
    texts = list(stored.timeline.order_by("id").values_list("text", flat=True))
    assert texts == ["Acknowledged by rosa.", "Acknowledgement taken back by rosa."]
    changes = AuditEntry.objects.get(action="alert.unacknowledge").changes
    assert changes == {"state": ["acknowledged", "firing"]}


def test_what_nobody_acknowledged_stays_as_it_is(rosa: Actor) -> None:
    alert = unacknowledge_alert(rosa, make_alert())
    assert alert.state == AlertState.FIRING
    assert not AuditEntry.objects.exists()


def test_what_has_ended_stays_ended(rosa: Actor) -> None:
    alert = resolve_alert(rosa, acknowledge_alert(rosa, make_alert()))
    with pytest.raises(Conflict, match="it ended at"):
        unacknowledge_alert(rosa, alert)


def test_a_viewer_may_not(rosa: Actor) -> None:
    alert = acknowledge_alert(rosa, make_alert())
    with pytest.raises(NotAllowed):
        unacknowledge_alert(actor("vera", Role.VIEWER), alert)
    alert.refresh_from_db()
    assert alert.state == AlertState.ACKNOWLEDGED
