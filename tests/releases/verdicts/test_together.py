"""Two workers that take the same look at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from alerts.models import OccurrenceRecord
from releases.models import DeploymentLook
from releases.verdicts.evidence import evidence_of
from releases.verdicts.services import take_due_looks, write_look
from tests.at_once import until_done
from tests.releases.builders import MINUTE, NOW, make_deployment
from tests.releases.verdicts.traffic import after, send


@pytest.mark.django_db(transaction=True)
def test_one_look_and_one_piece_of_news_are_left():
    began = NOW.replace(second=0)
    deployment = make_deployment(started_at=began)
    send(began - 5 * MINUTE, 5, each=100)
    send(after(deployment, 0), 5, each=100, failing=20)
    (look,) = take_due_looks(after(deployment, 6))
    evidence = evidence_of(look.evidence)
    DeploymentLook.objects.all().delete()
    OccurrenceRecord.objects.all().delete()
    start = Barrier(4)

    def write(_: int) -> bool:
        try:
            start.wait(timeout=20)
            return until_done(lambda: write_look(deployment.pk, 5, evidence, now=after(deployment, 6))) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        written = list(workers.map(write, range(4)))
    assert sorted(written) == [False, False, False, True]
    assert DeploymentLook.objects.count() == OccurrenceRecord.objects.count() == 1
