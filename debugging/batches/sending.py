"""One replay of a batch: begun, sent, and its outcome written, each step by itself."""

import asyncio

from django.utils import timezone

from debugging.batches.holding import Hold
from debugging.batches.writing import Writer, cut_off
from debugging.replays.outcome import Outcome
from debugging.replays.sending import send


async def send_one(hold: Hold, writer: Writer, replay_id: int) -> None:
    """Send a replay that waits, and write what came of it. One that was begun before is not sent again.

    Where it is let go of meanwhile, it is written that nobody knows whether it arrived, if it may have.
    """
    is_under_way, outcome = False, None
    try:
        job = await hold.stored(writer.begin, replay_id, now=timezone.now())
        if job is None:
            return
        is_under_way = True
        outcome = await send(job.prepared, job.limits)
        await hold.stored(writer.finish, replay_id, outcome, now=timezone.now())
    except asyncio.CancelledError:
        await _let_go(hold, writer, replay_id, outcome, is_under_way=is_under_way)
        raise


async def _let_go(hold: Hold, writer: Writer, replay_id: int, outcome: Outcome | None, *, is_under_way: bool) -> None:
    if outcome is not None:
        await hold.stored(writer.finish, replay_id, outcome, now=timezone.now())
    else:
        await hold.stored(cut_off, replay_id, may_have_arrived=is_under_way, now=timezone.now())
