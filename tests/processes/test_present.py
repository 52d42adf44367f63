"""Web processes and their live sockets as everybody counts them: real servers, real sockets, one of them killed."""

import contextlib
import re

import httpx
import psutil
import pytest
from django.utils import timezone

from tests.backends import wait_until
from tests.servers import Server
from tests.walks.test_live_across import log_in, watch
from tradewatch.core.models import Pulse
from tradewatch.processes.present import Presence, open_sockets
from tradewatch.processes.signs import FORGOTTEN_AFTER

PATIENCE = 120.0


def counted(server: Server, headers: dict[str, str]) -> tuple[float, float]:
    """Return (web processes, live sockets) as Prometheus is told."""
    text = httpx.get(f"{server.url}/performance/prometheus", headers=headers, timeout=60).text
    found = {name: re.search(rf"^tradewatch_{name} (\S+)$", text, re.M) for name in ("web_processes", "live_sockets")}
    webs, sockets = (float(each[1]) if each else -1.0 for each in found.values())
    return webs, sockets


@pytest.mark.server
def test_sockets_are_counted_over_all_web_processes_and_go_with_them(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.token('performance:read')}"}
    webs = len(server.urls)
    wait_until(lambda: counted(server, headers) == (webs, 0), what="web processes", seconds=PATIENCE)
    with contextlib.ExitStack() as pages:
        for url in server.urls:
            cookies = log_in(url)
            for _ in range(2):
                pages.enter_context(watch(url, cookies))
        wait_until(lambda: counted(server, headers) == (webs, 2 * webs), what="sockets", seconds=PATIENCE)
        page = httpx.get(f"{server.url}/system", headers={"Cookie": log_in(server.url)}, timeout=60).text
        assert "Live connections" in page and "Web processes alive" in page
    wait_until(lambda: counted(server, headers) == (webs, 0), what="the pages' end", seconds=PATIENCE)
    if webs > 1:
        with watch(server.urls[1], log_in(server.urls[1])):
            wait_until(lambda: counted(server, headers) == (webs, 1), what="one more socket", seconds=PATIENCE)
            psutil.Process(server.processes["web1"].pid).kill()
            wait_until(lambda: counted(server, headers) == (webs - 1, 0), what="its end", seconds=PATIENCE)


@pytest.mark.django_db
def test_a_sign_takes_the_place_of_the_last_one_and_old_ones_of_others_go() -> None:
    now, presence = timezone.now(), Presence()
    for name, at in (("web:gone:1:7", now - 2 * FORGOTTEN_AFTER), ("web:other:1:7", now), ("webs", now)):
        Pulse.objects.create(name=name, at=at)
    presence.show(now)
    with open_sockets, open_sockets:
        presence.show(now)
    others = {"web:other:1:7", "webs"}
    (own,) = set(Pulse.objects.values_list("name", flat=True)) - others
    assert own.startswith("web:") and own.endswith(":2") and Pulse.objects.count() == 3
    presence.show(now)
    (own,) = set(Pulse.objects.values_list("name", flat=True)) - others
    assert own.endswith(":0")
