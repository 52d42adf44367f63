"""Lists, pages and endpoints of debugging stay quick with a hundred thousand rows of each kind behind them."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from debugging.models import (
    BrowserReplay,
    BrowserReplayRef,
    DebugSession,
    ErrorContext,
    Pattern,
    PatternRun,
    Replay,
    ReplayBatch,
    ReplayTarget,
    SessionEntry,
    Simulation,
)
from tests.dashboard.test_large_tables import ROWS, copy, know_sizes, slow_paths
from tests.debugging.builders import make_batch, make_replay, make_session, store_event
from tests.projects.builders import make_project
from tradewatch.errors.models import Issue

pytestmark = [pytest.mark.django_db, pytest.mark.server]  # no server, but it takes as long as one
REQUEST = {"method": "POST", "url": "https://trade.example/orders", "data": {"account_id": "acc-4"}}


@pytest.fixture
def session(client: Client) -> DebugSession:
    """An open session with 100,000 replays, simulations and entries and 1,000 batches, among 100,000 ended ones.

    As many captured errors, recordings of its event, patterns of its issue and runs; 1,000 targets.
    """
    project, now = make_project(), timezone.now()
    event = store_event(project=project, at=now, request=REQUEST)
    session = make_session(event, now=now)
    ended = DebugSession.objects.get(pk=session.pk)
    ended.state, ended.closed_at = "resolved", now
    copy(ended, opened_at=lambda n: now - timedelta(minutes=n), title=lambda n: f"Session {n}")
    replay = make_replay(session, now=now)
    copy(replay, title=lambda n: f"Try {n}", requested_at=lambda n: now - timedelta(seconds=n))
    copy(make_batch(session, now=now, state="done"), rows=1_000)
    result = {"issue": None, "matches_original": True, "rules": []}
    simulation = Simulation(session=session, event_id=event.event_id, requested_at=now, result=result)
    copy(simulation, event_id=lambda n: UUID(int=n))
    copy(SessionEntry(session=session, at=now, kind="note", text="Seen", actor_kind="user", actor_label="ann"))
    context = ErrorContext(project=project, issue=event.issue, title="E: x", environment="production", captured_at=now)
    context.data = b""
    copy(context, error_id=lambda n: UUID(int=n), captured_at=lambda n: now - timedelta(seconds=n))
    recording = BrowserReplay(project=project, environment="production", ended_at=now, received_at=now, stored_bytes=9)
    copy(recording, replay_id=lambda n: UUID(int=n), started_at=lambda n: now - timedelta(seconds=n))
    first = BrowserReplay.objects.order_by("pk").values_list("pk", flat=True)[0]
    copy(BrowserReplayRef(kind="error", value=event.event_id), replay_id=lambda n: first + n)
    pattern = Pattern(project=project, issue=event.issue, kind="share", key="venue", summary="lmax", p_value=0.001)
    pattern.first_found_at = pattern.found_at = now
    copy(pattern, value=lambda n: f"v{n}", strength=lambda n: 3 + n / 1000)
    copy(PatternRun(project=project, ended_at=now, since=now), started_at=lambda n: now - timedelta(minutes=n))
    target = ReplayTarget(project=project, kind="staging", base_url="https://staging.example", created_at=now)
    copy(target, rows=1_000, name=lambda n: f"target {n}")
    client.force_login(User.objects.create_superuser("chief", "c@desk.example", "pass word 1"))
    know_sizes()
    return session


def test_pages_and_endpoints_stay_quick(client: Client, session: DebugSession) -> None:
    issue, batch = Issue.objects.get(), ReplayBatch.objects.latest("pk")
    replay, recording = Replay.objects.order_by("pk")[ROWS // 2], BrowserReplay.objects.latest("pk")
    under, target = f"/debug/session/{session.pk}", ReplayTarget.objects.latest("pk")
    paths = (
        "/debug",
        "/debug?state=all",
        "/debug?state=resolved&owner=none",
        f"/debug?issue={issue.pk}&state=all",
        f"/debug/{session.pk}",
        "/patterns",
        f"/patterns?issue={issue.pk}",
        f"/issues/{issue.pk}",
        f"/debug/recording/{recording.pk}",
        "/error-dashboard.html",
        "/debug/sessions",
        "/debug/sessions?state=resolved&owner=none",
        "/debug/contexts",
        f"/debug/contexts?issue={issue.pk}",
        under,
        f"{under}/replays",
        f"{under}/replays/{replay.pk}",
        f"{under}/batches",
        f"{under}/batches/{batch.pk}",
        f"{under}/simulations",
        f"{under}/reproduction?format=curl",
        "/debug/targets",
        f"/debug/targets/{target.pk}",
        "/debug/patterns",
        f"/debug/patterns?issue={issue.pk}&kind=share",
        f"/debug/issues/{issue.pk}/patterns",
        "/debug/recordings",
        f"/debug/recordings?issue={issue.pk}",
        f"/debug/recordings/{recording.replay_id.hex}",
        "/error-tracking/status",
        *(f"/admin/debugging/{name}/" for name in ADMIN),
        f"/admin/debugging/debugsession/{session.pk}/change/",
    )
    assert slow_paths(client, paths) == {}


ADMIN = (
    *("debugsession", "errorcontext", "replay", "replaybatch", "replaytarget", "simulation", "pattern", "patternrun"),
    "browserreplay",
)
