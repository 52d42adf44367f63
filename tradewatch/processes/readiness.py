"""What only the processes know of being ready: the broker, and whether a worker answers."""

import redis
from django.conf import settings
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.performance.readiness import NotReady, is_starting

WORKER = "worker"
ANSWER_SECONDS = 2.0


def check_broker() -> str:
    if not settings.REDIS_URL:
        return "in the worker's own memory"
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError:
        raise NotReady("Redis does not answer") from None
    finally:
        client.close()
    return "Redis answers"


def check_workers() -> str:
    """Grown, a worker is asked and answers; embedded, the worker writes a sign of life each 15 s."""
    return _ask_a_worker() if settings.REDIS_URL else _read_sign_of_life()


def _ask_a_worker() -> str:
    from tradewatch.celery import app  # embedded, the web process does without Celery's 20 MB

    answers = app.control.broadcast("ping", reply=True, limit=1, timeout=ANSWER_SECONDS)
    if not answers:
        raise NotReady(f"no worker answered within {ANSWER_SECONDS:g} s")
    return "a worker answers"


def _read_sign_of_life() -> str:
    last, now = pulse.last_beat(WORKER), timezone.now()
    if last is not None and not pulse.is_late(last, now=now):
        return f"the worker was there {pulse.ago(last, now=now)}"
    if is_starting():
        return "starting"
    raise NotReady(
        "the worker was never there" if last is None else f"the worker was last there {pulse.ago(last, now=now)}"
    )
