import pytest
from django.db import DatabaseError

from tradewatch.core import bulk, tallies
from tradewatch.core.models import Tally
from tradewatch.core.tallies import Tallies, read_tallies

pytestmark = pytest.mark.django_db


def test_processes_add_to_the_same_counts() -> None:
    one, other = Tallies(), Tallies()
    one.add("edge.requests", 3, outcome="accepted")
    one.add("edge.requests", 1, outcome="503")
    other.add("edge.requests", 4, outcome="accepted")
    one.add("edge.bytes", 100)
    for process in (one, other, one):
        process.flush()
    assert read_tallies("edge.") == {
        "edge.requests": {(("outcome", "accepted"),): 7.0, (("outcome", "503"),): 1.0},
        "edge.bytes": {(): 100.0},
    }
    assert read_tallies("digest.") == {}


def test_it_writes_at_most_once_in_five_seconds() -> None:
    now = [0.0]
    process = Tallies(clock=lambda: now[0])
    for now[0] in (1.0, 2.0, 4.9):
        process.add("n")
        process.flush_if_due()
    assert not Tally.objects.exists()
    now[0] = 5.0
    process.flush_if_due()
    assert Tally.objects.get().value == 3
    now[0] = 100.0
    process.flush_if_due()
    assert Tally.objects.get().value == 3


def test_what_could_not_be_written_is_written_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Tallies()
    process.add("n", 2)
    with monkeypatch.context() as away:
        away.setattr(tallies.bulk, "add_up", lambda *_, **__: (_ for _ in ()).throw(DatabaseError("away")))
        with pytest.raises(DatabaseError):
            process.flush()
    assert bulk.add_up
    process.add("n", 1)
    process.flush()
    assert Tally.objects.get().value == 3
