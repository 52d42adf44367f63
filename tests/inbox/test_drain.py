import threading
import time
from datetime import UTC, datetime

import orjson
import pytest
from django.core.management import call_command

from tests.inbox.builders import make_envelope, queue_up
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.management.commands import drain
from tradewatch.projects.models import Project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def project():
    return Project.objects.create(name="Desk", slug="desk-10")


def run(capsys, **options):
    call_command("drain", **options)
    return orjson.loads(capsys.readouterr().out)


def test_nothing_accepted_is_drained_at_once(capsys):
    assert run(capsys) == {"digested": 0, "pending": 0, "dead": 0, "last_digested_at": None}


def test_it_says_what_was_digested_and_what_died(project, capsys):
    queue_up(make_envelope(), make_envelope(), b"", project_id=project.pk)
    digest_batch({}, now=NOW)
    assert run(capsys) == {"digested": 3, "pending": 0, "dead": 1, "last_digested_at": "2026-11-23T12:00:00+00:00"}


def test_it_gives_up_in_time_and_digests_nothing_itself(project, capsys):
    queue_up(make_envelope(), project_id=project.pk)
    started = time.monotonic()
    with pytest.raises(SystemExit) as end:
        call_command("drain", timeout=0.2)
    assert end.value.code == 1
    assert 0.2 <= time.monotonic() - started < 5
    assert orjson.loads(capsys.readouterr().out)["pending"] == 1


def test_it_waits_for_the_worker(project, capsys, monkeypatch):
    queue_up(make_envelope(), project_id=project.pk)
    looked = threading.Event()

    def pause(seconds):
        if looked.is_set():
            digest_batch({}, now=NOW)  # the worker comes round at the second look
        looked.set()

    monkeypatch.setattr(drain.time, "sleep", pause)
    assert run(capsys)["digested"] == 1
