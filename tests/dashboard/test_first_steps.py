import pytest
from django.test import Client, override_settings
from django.utils import timezone

from tests.dashboard.builders import count, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.dashboard.first_steps import first_steps
from tradewatch.dashboard.snippets import make_snippets
from tradewatch.projects.choices import Role
from tradewatch.projects.models import ProjectKey


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
@override_settings(PUBLIC_URL="https://watch.example/base", EMAIL_HOST="")
def test_the_dsn_stands_in_every_snippet_that_takes_one() -> None:
    project = make_project()
    ProjectKey.objects.create(project=project, public_key="a" * 32)
    steps = first_steps(project, now=timezone.now())
    assert steps.dsn == f"https://{'a' * 32}@watch.example/base/{project.pk}"
    for snippet in steps.snippets[:5]:
        assert steps.dsn in snippet.code, snippet.name
    assert "mails" in next(line.text for line in steps.install if line.name == "Mail")


@pytest.mark.django_db
def test_without_a_working_key_there_is_no_dsn_and_nothing_to_paste() -> None:
    steps = first_steps(make_project(), now=timezone.now())
    assert (steps.dsn, list(steps.snippets)) == ("", [])


def test_curl_posts_to_the_store_endpoint_with_the_key_in_the_query() -> None:
    curl = make_snippets("http://key@127.0.0.1:8000/7", release="desk@1.0.0")[-1]
    assert '"http://127.0.0.1:8000/api/7/store/?sentry_key=key"' in curl.lines[0]
    assert '"release": "desk@1.0.0"' in curl.code


@pytest.mark.django_db
def test_the_page_stays_reachable_once_events_arrive(client: Client) -> None:
    project = make_project()
    ProjectKey.objects.create(project=project, public_key="a" * 32)
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    assert "No event yet" in text(client, "/first-steps")
    make_issue()
    count("events", timezone.now(), 1)
    page = text(client, "/first-steps")
    assert "The next one shows here" in page
    assert "a" * 32 in page
    assert "Connect your application" not in text(client, "/error-dashboard.html")


@pytest.mark.django_db
def test_a_person_is_offered_the_steps_that_they_may_take(client: Client) -> None:
    make_project()
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert "Make a token</a>" not in text(client, "/first-steps")
    client.force_login(make_user("root", is_superuser=True))
    assert "Make a token</a>" in text(client, "/first-steps")


@pytest.mark.django_db
def test_who_sees_no_project_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(make_user("guest"))
    for path in ("/first-steps", "/error-dashboard.html"):
        assert "No project is yours to see" in text(client, path)
