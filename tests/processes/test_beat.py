from importlib import import_module

import pytest

from tradewatch.celery import app
from tradewatch.processes.beat import DIGEST_SWEEP, SCHEDULE
from tradewatch.processes.kicks import TASKS


@pytest.mark.parametrize("name", [*SCHEDULE, *DIGEST_SWEEP, *TASKS.values()])
def test_every_name_on_the_clock_is_a_task(name: str) -> None:
    module, _, function = name.rpartition(".")
    import_module(module)
    assert name in app.tasks
    assert callable(getattr(import_module(module), function))


def test_every_task_of_ours_is_on_the_clock() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {*SCHEDULE, *DIGEST_SWEEP}


def test_a_late_tick_expires_instead_of_piling_up() -> None:
    assert all(entry["options"]["expires"] >= 2 for entry in SCHEDULE.values())
