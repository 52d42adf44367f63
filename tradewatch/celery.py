"""The Celery app: `celery -A tradewatch worker`, `celery -A tradewatch beat`; embedded in the worker of `serve`."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")  # first: the beat table reads a setting

from celery import Celery
from celery.schedules import schedule
from celery.signals import task_prerun, worker_init, worker_process_init, worker_ready
from django.conf import settings

from tradewatch.core.kick import route_kicks
from tradewatch.core.live import route_pushes
from tradewatch.processes.beat import GROWN, OFTEN, steady_now
from tradewatch.processes.broker import go_on_after_lost_acknowledgements
from tradewatch.processes.collector import spare_the_collector
from tradewatch.processes.kicks import celery_kicker, note_begun
from tradewatch.processes.live import pusher

KEPT_SECONDS = 60  # a connection to PostgreSQL

if settings.REDIS_URL:
    go_on_after_lost_acknowledgements()
app = Celery("tradewatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    name: {**tick, "schedule": schedule(tick["schedule"], nowfun=steady_now, app=app)}
    for name, tick in ({**OFTEN, **GROWN} if settings.REDIS_URL else OFTEN).items()
}
app.conf.beat_scheduler = "celery.beat:Scheduler"  # one static table of ticks: nothing to remember between starts
app.autodiscover_tasks()


@worker_init.connect
@worker_process_init.connect
def route_signals(**_: object) -> None:
    """Let the tasks of `celery -A tradewatch worker` kick and push (Redis carries both).

    The embedded worker sends this signal too, after it has routed both over its line to the web process: left alone.
    """
    if not settings.REDIS_URL:
        return
    route_kicks(celery_kicker(app))
    route_pushes(pusher())


@worker_init.connect
@worker_process_init.connect
def collect_less_often(**_: object) -> None:
    """Spare a worker that digests what the embedded one is spared: half of the CPU of 1,000 transactions."""
    if settings.REDIS_URL:
        spare_the_collector()


@worker_init.connect
def connect_without_a_pool(sender: Any, **_: object) -> None:
    """Let each thread of a prefork worker keep a connection of its own.

    Celery closes the pool of such a process after each task, with the connections of threads that go on (those that
    write the answers of checks): they failed, or waited for 30 s. Pools of other kinds of workers it leaves alone.
    """
    if settings.IS_POSTGRES and "prefork" in getattr(sender.pool_cls, "__module__", str(sender.pool_cls)):
        settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
        settings.DATABASES["default"] |= {"CONN_MAX_AGE": KEPT_SECONDS, "CONN_HEALTH_CHECKS": True}


@worker_ready.connect
def show_life(sender: Any, **_: object) -> None:
    """Let each `celery -A tradewatch worker` be counted; the embedded one shows its life itself."""
    from tradewatch.processes.signs import EMBEDDED, keep_showing  # models exist from here on

    if sender.hostname != EMBEDDED:
        keep_showing()


@task_prerun.connect
def let_it_be_kicked_again(task_id: str, task: Any, **_: object) -> None:
    note_begun(task.name, task_id)
