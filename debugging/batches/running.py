"""What is done with a claimed batch: the variants of a matrix side by side, or a search driven by real tries."""

import asyncio
from functools import cache, partial

from django.utils import timezone

from debugging.batches.claims import Standing
from debugging.batches.ending import end_batch
from debugging.batches.holding import Hold, Runner, held_to_its_end
from debugging.batches.pace import Pace
from debugging.batches.plans import Plan, read_plan
from debugging.batches.sending import send_one
from debugging.batches.tries import run_shrink
from debugging.batches.writing import Writer
from debugging.choices import BatchKind


@cache
def runner() -> Runner:
    """Return the one of this process."""
    return Runner(run_batch)


async def run_batch(hold: Hold) -> None:
    plan = await hold.stored(read_plan, hold.batch_id)
    pace = Pace(plan.project_id)
    work = run_matrix if plan.kind == BatchKind.MATRIX else run_shrink
    await held_to_its_end(hold, partial(work, plan=plan, pace=pace), _end)
    pace.changed()


async def run_matrix(hold: Hold, *, plan: Plan, pace: Pace) -> None:
    """Send what has not been sent, `plan.at_once` at a time."""
    waiting, writer = list(reversed(plan.waiting)), Writer()

    async def send_next() -> None:
        while waiting:
            await send_one(hold, writer, waiting.pop())
            pace.changed()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(plan.at_once):
            tasks.create_task(send_next())


async def _end(hold: Hold, standing: Standing, fault: str) -> None:
    await hold.stored(end_batch, hold.claim, standing, fault, now=timezone.now())
