import asyncio

import pytest

from debugging.batches import pace
from debugging.batches.pace import Pace


async def test_a_fast_batch_is_told_of_twice_a_second_and_its_last_change_always(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(pace, "push", lambda topic, project_id: told.append((topic, project_id)))
    pacer = Pace(7)
    pacer.changed()
    assert told == [("debug", 7)], "the first at once"
    for _ in range(40):
        pacer.changed()
        await asyncio.sleep(0.02)
    assert 1 <= len(told) - 1 <= 2
    before = len(told)
    await asyncio.sleep(0.6)
    assert len(told) == before + 1, "the last one"
    await asyncio.sleep(0.6)
    assert len(told) == before + 1, "and no more"
