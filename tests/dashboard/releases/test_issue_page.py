from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from releases.choices import Verdict
from tests.dashboard.builders import make_event, make_issue
from tests.dashboard.releases.test_pages import text
from tests.projects.builders import make_project, make_user
from tests.releases.builders import make_deployment, see
from tradewatch.errors.models import TagCount
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


def test_the_likely_cause_of_an_issue_says_how_its_deployments_did(client: Client) -> None:
    client.force_login(make_user("mia", role=Role.RESPONDER))
    now = timezone.now()
    see("api@2.0.0", at=now - timedelta(days=9))
    see("api@2.0.1", at=now - timedelta(hours=2))
    issue = make_issue(make_project(), first_release=Release.objects.get(version="api@2.0.1"))
    make_event(issue)
    TagCount.objects.create(issue=issue, key="release", value="api@2.0.1", count=40, last_seen_at=now)
    row = make_deployment("2.0.1", started_at=now - timedelta(hours=2), verdict=Verdict.UNHEALTHY)
    found = text(client, f"/issues/{issue.pk}")
    assert "first appeared in api@2.0.1" in found and "Unhealthy production Mara Lindqvist" in found
    assert f'href="/releases/deployments/{row.pk}"' in client.get(f"/issues/{issue.pk}").content.decode()
