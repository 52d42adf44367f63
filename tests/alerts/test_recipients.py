import pytest

from alerts.recipients import recipients_of
from tests.projects.builders import make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_in_settings(settings) -> None:
    settings.ALERT_MAIL_TO = []


def addresses() -> list[str]:
    return [recipient.address for recipient in recipients_of(make_project())]


def test_settings_come_first_and_each_address_counts_once(settings) -> None:
    make_user("ann", role=Role.MANAGER, email="ann@example.com")
    settings.ALERT_MAIL_TO = ["Desk@example.com", "desk@example.com"]
    assert addresses() == ["Desk@example.com"]
    assert [recipient.user_id for recipient in recipients_of(make_project())] == [None]


def test_responders_and_managers_with_an_address_are_told_and_know_why() -> None:
    make_user("vera", role=Role.VIEWER, email="vera@example.com")
    rob = make_user("rob", role=Role.RESPONDER, email="rob@example.com")
    mia = make_user("mia", role=Role.MANAGER, email="mia@example.com")
    make_user("nil", role=Role.RESPONDER)
    make_user("off", role=Role.RESPONDER, email="off@example.com", is_active=False)
    make_user("far", role=Role.RESPONDER, email="far@example.com", project=make_project("other"))
    told = recipients_of(make_project())
    assert [recipient.address for recipient in told] == ["rob@example.com", "mia@example.com"]
    assert [recipient.why for recipient in told] == ["You are responder of Default.", "You are manager of Default."]
    assert [recipient.user_id for recipient in told] == [rob.pk, mia.pk]


def test_else_administrators_are_told() -> None:
    root = make_user("root", is_superuser=True, email="root@example.com")
    make_user("gone", is_superuser=True, email="gone@example.com", is_active=False)
    make_user("vera", role=Role.VIEWER, email="vera@example.com")
    (told,) = recipients_of(make_project())
    assert (told.address, told.user_id) == ("root@example.com", root.pk)
    assert told.why.startswith("You are an administrator, and no responder or manager of Default")


def test_nobody_is_an_empty_list() -> None:
    make_user("root", is_superuser=True)
    assert addresses() == []
