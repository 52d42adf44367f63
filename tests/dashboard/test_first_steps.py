import pytest
from django.test import override_settings

from tests.projects.builders import make_project
from tradewatch.dashboard.first_steps import first_steps, make_snippets
from tradewatch.projects.models import ProjectKey


@pytest.mark.django_db
@override_settings(PUBLIC_URL="https://watch.example/base", EMAIL_HOST="")
def test_the_dsn_stands_in_every_snippet() -> None:
    project = make_project()
    ProjectKey.objects.create(project=project, public_key="a" * 32)
    steps = first_steps(project)
    assert steps.dsn == f"https://{'a' * 32}@watch.example/base/{project.pk}"
    for snippet in steps.snippets[:4]:
        assert steps.dsn in "\n".join(snippet.lines), snippet.name
    assert "mails become files" in steps.mail


@pytest.mark.django_db
def test_without_a_working_key_there_is_no_dsn() -> None:
    assert first_steps(make_project()).dsn == ""


def test_curl_posts_to_the_store_endpoint_with_the_key_in_the_query() -> None:
    curl = make_snippets("http://key@127.0.0.1:8000/7")[-1]
    assert '"http://127.0.0.1:8000/api/7/store/?sentry_key=key"' in curl.lines[0]
