from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from kombu.transport import redis as transport
from kombu.transport import virtual
from redis import ConnectionError as RedisGone

from tradewatch.processes.broker import go_on_after_lost_acknowledgements


@contextmanager
def _broken(client: Any = None) -> Any:
    raise RedisGone("Connection closed by server.")
    yield


@pytest.mark.parametrize("settle", ["ack", "reject", "requeue"])
def test_a_worker_takes_another_task_after_an_acknowledgement_was_lost(
    monkeypatch: pytest.MonkeyPatch, settle: str
) -> None:
    monkeypatch.setattr(transport.Channel, "QoS", transport.QoS)
    go_on_after_lost_acknowledgements()
    channel = SimpleNamespace(conn_or_acquire=_broken, unacked_key="", unacked_index_key="")
    qos = transport.Channel.QoS(channel, prefetch_count=1)
    qos.restore_at_shutdown = False
    virtual.QoS.append(qos, "a task", "a tag")
    assert not qos.can_consume()
    with pytest.raises(RedisGone):  # Celery writes it to the log
        qos.ack("a tag") if settle == "ack" else qos.reject("a tag", requeue=settle == "requeue")
    assert qos.can_consume()
