"""The search for the smallest request that fails, driven by real replays: each try is one, judged by what came of it.

A search that was interrupted goes on: the same verdicts lead it the same way, and they are stored in their order.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from debugging.batches.holding import Hold
from debugging.batches.judging import Seen, Yardstick, measure_of, verdict_of
from debugging.batches.pace import Pace
from debugging.batches.plans import Plan
from debugging.batches.progress import Ground, Progress, note_progress, read_ground, seen_of, try_row
from debugging.batches.sending import send_one
from debugging.batches.shrinking import Round, Rounds, Search, Verdict
from debugging.batches.trees import BODY, Tree, body_bytes, key_of, modifications_of, tree_of
from debugging.batches.writing import Writer

LOOKS_EACH_SECONDS = 0.2
LONGEST_WAIT_SECONDS, SHORTEST_WAIT_SECONDS = 15.0, 2.0


async def run_shrink(hold: Hold, *, plan: Plan, pace: Pace) -> None:
    ground = await hold.stored(read_ground, plan)
    search = Search(tree_of(ground.request), most_tries=plan.most_tries, width=plan.at_once)
    driver = _Driver(hold, ground, pace)
    rounds = search.rounds()
    asked = _next(rounds, None)
    while asked:
        verdicts = await driver.judged(asked)
        asked = _next(rounds, verdicts)
        await driver.note(search)


class _Driver:
    """Tries what the search asks for. `progress` is what is stored of it after each round."""

    def __init__(self, hold: Hold, ground: Ground, pace: Pace) -> None:
        self._hold, self._ground, self._pace, self._writer = hold, ground, pace, Writer()
        self._positions: dict[str, int] = {}
        self._known = ground.progress.verdicts  # of before this process took the search up
        self.progress: Progress = ground.progress

    async def judged(self, asked: Round) -> list[Verdict]:
        places = [self._positions.setdefault(key_of(tree), len(self._positions)) for tree in asked]
        if places[-1] < len(self._known):
            return [self._known[place] for place in places]
        if places == [0]:
            return [await self._first(asked[0])]
        measure = self.progress.measure
        if measure is None:
            raise RuntimeError("a search went on after a first try that does not fail")
        seen = await self._tried(asked, self.progress.wait_seconds)
        return [verdict_of(each, measure) for each in seen]

    async def note(self, search: Search) -> None:
        if search.tries < len(self._known):
            return
        self.progress = replace(
            self.progress,
            verdicts=tuple(search.verdicts.values()),
            smallest=self._positions[key_of(search.smallest)],
            bytes_before=body_bytes(self._ground.request.body),
            bytes_after=body_bytes(search.smallest[BODY]),
            ending=None if search.found is None else search.found.ending,
        )
        await self._hold.stored(note_progress, self._hold.claim, self.progress)
        self._pace.changed()

    async def _first(self, tree: Tree) -> Verdict:
        """It says what the others are compared with, and how long an error takes to come back."""
        started = time.monotonic()
        [seen] = await self._tried((tree,), LONGEST_WAIT_SECONDS)
        measure, verdict = measure_of(seen)
        took = time.monotonic() - started
        wait = min(max(SHORTEST_WAIT_SECONDS, 3 * took), LONGEST_WAIT_SECONDS)
        is_waited_for = measure is not None and measure.by == Yardstick.ISSUE
        self.progress = replace(self.progress, measure=measure, wait_seconds=wait if is_waited_for else 0.0)
        return verdict

    async def _tried(self, trees: Sequence[Tree], wait_seconds: float) -> list[Seen]:
        async with asyncio.TaskGroup() as tasks:
            begun = [tasks.create_task(self._try(tree, wait_seconds)) for tree in trees]
        return [each.result() for each in begun]

    async def _try(self, tree: Tree, wait_seconds: float) -> Seen:
        position = self._positions[key_of(tree)]
        modifications = modifications_of(tree, self._ground.request)
        replay_id = await self._hold.stored(try_row, self._ground, position, tree, modifications)
        await send_one(self._hold, self._writer, replay_id)
        self._pace.changed()
        return await self._seen(replay_id, wait_seconds)

    async def _seen(self, replay_id: int, wait_seconds: float) -> Seen:
        """Wait for the error to come back through our own stream, as long as it usually takes and longer."""
        until = time.monotonic() + wait_seconds
        while True:
            seen, is_settled = await self._hold.stored(seen_of, replay_id, now=timezone.now())
            if is_settled or time.monotonic() > until:
                return seen
            await asyncio.sleep(LOOKS_EACH_SECONDS)


def _next(rounds: Rounds, verdicts: Sequence[Verdict] | None) -> Round:
    """Return what is to be tried next; nothing: the search has ended."""
    try:
        return next(rounds) if verdicts is None else rounds.send(verdicts)
    except StopIteration:
        return ()
