"""Every admin page opens, for a superuser and for each role, and shows nothing of another's project."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.admin.builders import make_alert, make_issue, make_person, make_project
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def chief() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    return client


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_list_opens(chief: Client, model: type) -> None:
    project = make_project()
    make_issue(project)
    make_alert(project)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]
    assert chief.get(url).status_code == 200
    assert chief.get(url, {"q": "x"}).status_code == 200


@pytest.mark.parametrize("make", [make_issue, make_alert])
def test_a_row_opens_and_shows_its_page(chief: Client, make) -> None:  # type: ignore[no-untyped-def]
    row = make(make_project())
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    assert row.get_absolute_url() in chief.get(url).content.decode()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("make", [make_issue, make_alert])
def test_a_member_sees_their_project_and_no_other(role: Role, make) -> None:  # type: ignore[no-untyped-def]
    ours, theirs = make_project("ours"), make_project("theirs")
    seen, hidden = make(ours), make(theirs)
    client = Client()
    client.force_login(make_person("mara", role, ours))
    name = f"admin:{seen._meta.app_label}_{seen._meta.model_name}"
    assert client.get(reverse(f"{name}_change", args=[seen.pk])).status_code == 200
    assert client.get(reverse(f"{name}_change", args=[hidden.pk])).status_code == 302  # as Django says: no such row


def test_staff_without_a_project_see_no_lists() -> None:
    make_issue(make_project())
    client = Client()
    client.force_login(make_person("new"))
    assert client.get(reverse("admin:errors_issue_changelist")).status_code == 403


def test_a_project_leads_to_how_it_is_connected(chief: Client) -> None:
    project = make_project()
    page = chief.get(reverse("admin:projects_project_change", args=[project.pk])).content.decode()
    path = re.search(r'href="([^"]*/connect[^"]*)"', page)
    assert path is not None
    assert chief.get(path[1])["Location"] == f"/first-steps?project={project.slug}"
