import pytest
from django.test import Client
from django.urls import reverse

from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["errors_issue", "errors_classificationrule", "projects_apitoken", "alerts_alert"])
def test_a_filter_names_no_project_that_is_not_ones_own(client: Client, model: str) -> None:
    ours, theirs = make_project("ours"), make_project("secret-venture")
    user = make_user("mia")
    add_member(SYSTEM, ours, user, Role.MANAGER)
    client.force_login(user)
    page = client.get(reverse(f"admin:{model}_changelist")).content.decode()
    assert theirs.name not in page
    client.force_login(make_user("chief", is_superuser=True))
    assert theirs.name in client.get(reverse(f"admin:{model}_changelist")).content.decode()
