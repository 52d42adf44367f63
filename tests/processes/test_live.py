"""Live pushes through Redis: two installs may share one Redis server under different database numbers."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from tests.backends import running_redis
from tests.servers import ROOT

pytestmark = [pytest.mark.server, pytest.mark.once]
PRINT_CONFIG = """
import json
from tradewatch.settings import CHANNEL_LAYERS
print(json.dumps(CHANNEL_LAYERS["default"]["CONFIG"]))
"""


def layer_of_an_install(redis_url: str, home: Path) -> RedisPubSubChannelLayer:
    env = {**os.environ, "REDIS_URL": redis_url, "TRADEWATCH_HOME": str(home), "TRADEWATCH_DOTENV": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", PRINT_CONFIG], cwd=ROOT, env=env, capture_output=True, check=True)
    return RedisPubSubChannelLayer(**json.loads(done.stdout))


async def heard(listener: RedisPubSubChannelLayer, speaker: RedisPubSubChannelLayer) -> dict[str, Any] | None:
    channel = await listener.new_channel()
    await listener.group_add("project-1", channel)
    await speaker.group_send("project-1", {"type": "topic.changed", "topic": "errors"})
    try:
        return await asyncio.wait_for(listener.receive(channel), timeout=1)  # type: ignore[no-any-return]
    except TimeoutError:
        return None


async def test_a_push_reaches_its_own_install_and_no_other(tmp_path: Path) -> None:
    # Redis keeps keys apart by database number, but not what is published.
    with running_redis() as url:
        first = layer_of_an_install(url, tmp_path)
        second = layer_of_an_install(url.removesuffix("/0") + "/1", tmp_path)
        assert await heard(first, first) == {"type": "topic.changed", "topic": "errors"}
        assert await heard(first, second) is None
        await first.flush()
        await second.flush()
