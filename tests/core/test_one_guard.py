"""Every path to a network goes through one guard: `tradewatch.core.net` and `net_async`.

`PLACES` lists each place of the product that can open a connection or start a program, with the reason why no address
that a user may name goes past the guard there. What such addresses do is shown in `test_hostile_addresses.py`.
"""

from pathlib import Path

import pytest

from tests.core.openings import Opening, openings_in, openings_under

ROOT = Path(__file__).parents[2]
PRODUCT = ("tradewatch", "alerts", "releases", "sla", "debugging")
GUARD = "it is the guard"
GUARDED = "through the guard: "
OPERATOR = "the operator's own: "
OWN = "no network: "
PLACES = {
    "tradewatch/core/net.py GuardedTransport.__init__ httpx.HTTPTransport": GUARD,
    "tradewatch/core/net.py guarded_client httpx.Client": GUARD,
    "tradewatch/core/net.py resolve_name socket.getaddrinfo": GUARD,
    "tradewatch/core/net_async.py AsyncGuardedTransport.__init__ httpx.AsyncHTTPTransport": GUARD,
    "tradewatch/core/net_async.py guarded_connection asyncio.open_connection": GUARD,
    # Addresses that users name, by libraries that connect themselves
    "tradewatch/performance/checks/probes/http.py probe_http httpx.AsyncClient": GUARDED + "AsyncGuardedTransport",
    "tradewatch/performance/checks/probes/postgres.py _ask psycopg.AsyncConnection.connect": GUARDED
    + "libpq gets hostaddr from guarded_addresses; a socket of this machine only where an administrator allows it",
    "tradewatch/performance/checks/probes/dns.py _resolver dns.asyncresolver.Resolver": GUARDED
    + "a name server that a check names is from guarded_addresses; else the system's own, as for every name",
    "tradewatch/performance/checks/probes/reach.py reach_of tradewatch.core.net.Reach": GUARDED
    + "the one host that a check names, where an administrator allows that it is internal",
    "debugging/replays/sending.py send httpx.AsyncClient": GUARDED + "AsyncGuardedTransport",
    "debugging/replays/sending.py send tradewatch.core.net.Reach": GUARDED
    + "the one host of the target, where an administrator allows that it is internal",
    "debugging/replays/sending.py send tradewatch.core.net_async.AsyncGuardedTransport(lookup=)": GUARDED
    + "its caller's, which is look_up but in tests",
    "tradewatch/ingest/relay/sending.py Line.__init__ httpx.AsyncClient": GUARDED + "AsyncGuardedTransport",
    "tradewatch/ingest/relay/targets.py target_of tradewatch.core.net.Reach": GUARDED
    + "the one host of the operator's SENTRY_DSN, or of a project's where an administrator allows that it is internal",
    "tradewatch/ingest/relay/services.py _fault_in_place tradewatch.core.net.Reach": GUARDED
    + "the same, asked when the DSN is saved",
    "alerts/channels/apprise.py run_child subprocess.run": GUARDED + "apprise_child, our own module, without a shell",
    "alerts/apprise_child.py  apprise": GUARDED + "an audit hook judges each address that is dialled, by may_call",
    "alerts/apprise_child.py _work apprise.Apprise.instantiate": GUARDED + "see above",
    "releases/git/running.py _start subprocess.Popen": OWN
    + "git with protocol.allow=never, in folders of the operator",
    # Addresses in the environment of who runs TradeWatch, or of the monitored application
    "tradewatch/inbox/queue_postgres.py _connection psycopg.connect": OPERATOR + "DATABASE_URL",
    "tradewatch/ingest/refresher.py Refresher.__init__ redis.Redis.from_url": OPERATOR + "REDIS_URL",
    "tradewatch/processes/readiness.py check_broker redis.Redis.from_url": OPERATOR + "REDIS_URL",
    "tradewatch/accounts/reset.py _written django.core.mail.EmailMultiAlternatives": OPERATOR + "TRADEWATCH_SMTP_HOST",
    "alerts/channels/email.py send_email django.core.mail.get_connection": OPERATOR + "TRADEWATCH_SMTP_HOST",
    "alerts/mails.py build_mail django.core.mail.EmailMultiAlternatives": OPERATOR + "TRADEWATCH_SMTP_HOST",
    "alerts/reports/weekly.py build_mail django.core.mail.EmailMultiAlternatives": OPERATOR + "TRADEWATCH_SMTP_HOST",
    "alerts/services/contacts.py mail_verification django.core.mail.send_mail": OPERATOR + "TRADEWATCH_SMTP_HOST",
    "sla/reports/schedules/mail.py build_mail django.core.mail.EmailMultiAlternatives": OPERATOR
    + "TRADEWATCH_SMTP_HOST",
    "tradewatch/facade/asking.py ask httpx.Client": OPERATOR + "TRADEWATCH_URL, in the monitored application",
    "tradewatch/facade/asking.py ask httpx.HTTPTransport": OPERATOR + "TRADEWATCH_URL, in the monitored application",
    "tradewatch/facade/posting.py post httpx.Client": OPERATOR + "TRADEWATCH_URL, in the monitored application",
    "tradewatch/facade/client.py  sentry_sdk.transport.HttpTransport": OPERATOR
    + "TRADEWATCH_DSN, in the monitored application",
    "tradewatch/facade/client.py build_client sentry_sdk.Client": OPERATOR
    + "TRADEWATCH_DSN, in the monitored application",
    "tradewatch/performance/hosts/agent.py  urllib.request.build_opener": OPERATOR
    + "a script for other machines, which reports to the URL that it was started with",
    # No network
    "tradewatch/core/tables/postgres.py snapshot psycopg.connect": OPERATOR + "DATABASE_URL",
    "tradewatch/processes/backup/scheduled.py start_due subprocess.Popen": OWN + "our own command",
    "tradewatch/processes/erasing/services.py start_open_ones subprocess.Popen": OWN + "our own command",
    "tradewatch/processes/management/commands/move.py Command._move subprocess.run": OPERATOR + "the command's --to",
    "tradewatch/calendars/refreshing.py _load_apart subprocess.run": OWN + "our own command, which computes",
    "tradewatch/processes/digesting.py spawn_preparer subprocess.Popen": OWN + "our own module",
    "tradewatch/processes/supervisor.py Supervisor._spawn subprocess.Popen": OWN + "our own command",
    "tradewatch/processes/relaying.py _Process.start subprocess.Popen": OWN + "our own command",
    "tradewatch/processes/link.py Link.from_fd socket.socket": OWN + "an end of a socket pair between two processes",
    "debugging/patterns/running.py _run_apart subprocess.run": OWN + "our own command, which computes",
    "alerts/replay/apart.py replay_apart subprocess.run": OWN + "our own command, which computes",
    "sla/reports/apart.py pdf_apart subprocess.run": OWN + "our own command, which computes",
    "tradewatch/dashboard/consumers.py ScopedConsumer._session_user importlib.import_module()": OWN
    + "SESSION_ENGINE of the settings",
    "tradewatch/facade/backends.py backend_of_this_process importlib.import_module()": OWN
    + "one of two modules of ours",
}
WHAT_TO_DO = """
These can open a connection past the guard of tradewatch/core/net.py:
    {new}
Call addresses that a user may name by guarded_client (net.py), or AsyncGuardedTransport, guarded_connection or
guarded_addresses (net_async.py), and add them to tests/core/test_hostile_addresses.py. If it cannot be talked into
calling a private address by anybody but the operator, say why: a line in PLACES of this test.
"""


def key_of(opening: Opening) -> str:
    return f"{opening.path} {opening.place} {opening.name}"


def test_every_path_to_a_network_is_listed_with_its_reason() -> None:
    found = {key_of(opening): opening for opening in openings_under(ROOT, PRODUCT)}
    new = [f"{key} (line {found[key].line})" for key in sorted(found.keys() - PLACES.keys())]
    assert not new, WHAT_TO_DO.format(new="\n    ".join(new))


def test_the_list_names_nothing_that_is_gone() -> None:
    gone = PLACES.keys() - {key_of(opening) for opening in openings_under(ROOT, PRODUCT)}
    assert not gone, f"take these lines out of PLACES: {sorted(gone)}"


@pytest.mark.parametrize("reason", PLACES.values())
def test_each_reason_is_one_of_four(reason: str) -> None:
    assert reason == GUARD or reason.startswith((GUARDED, OPERATOR, OWN))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import requests", "requests"),
        ("import requests as r\nr.get(u)", "requests.get"),
        ("from requests import Session", "requests.Session"),
        ("def f():\n    import aiohttp", "aiohttp"),
        ("import httpx\nhttpx.get(u)", "httpx.get"),
        ("import httpx as h\nh.Client()", "httpx.Client"),
        ("from httpx import AsyncClient as C\nC()", "httpx.AsyncClient"),
        ("from httpx import get\nfetch = get", "httpx.get"),
        ("import httpx\nh = httpx\nh.stream('GET', u)", "httpx.stream"),
        ("import httpx\nclient: object = httpx.Client()", "httpx.Client"),
        ("import httpx\nclass Own(httpx.HTTPTransport): pass", "httpx.HTTPTransport"),
        ("import httpx\ndef f(c=httpx.Client): c()", "httpx.Client"),
        ("import httpx\ngetattr(httpx, 'get')(u)", "httpx.get"),
        ("import httpx\ngetattr(httpx, verb)(u)", "getattr(httpx, ?)"),
        ("import importlib\nimportlib.import_module('requests')", "importlib.import_module(requests)"),
        ("from importlib import import_module as load\nload(name)", "importlib.import_module()"),
        ("__import__('requests')", "__import__(requests)"),
        (
            "from django.utils.module_loading import import_string\nimport_string('httpx.get')",
            "django.utils.module_loading.import_string(httpx.get)",
        ),
        ("import urllib.request\nurllib.request.urlopen(u)", "urllib.request.urlopen"),
        ("from urllib.request import urlopen as o\no(u)", "urllib.request.urlopen"),
        ("from urllib import request\nrequest.urlopen(u)", "urllib.request.urlopen"),
        ("import http.client as hc\nhc.HTTPSConnection(h)", "http.client.HTTPSConnection"),
        ("import socket\nsocket.create_connection(a)", "socket.create_connection"),
        ("from socket import socket as S\nS().connect(a)", "socket.socket"),
        ("import socket as s\ns.getaddrinfo(h, 1)", "socket.getaddrinfo"),
        ("from socket import *", "socket.*"),
        ("import asyncio\nasync def f():\n    await asyncio.open_connection(h, 1)", "asyncio.open_connection"),
        ("async def f(loop):\n    await loop.create_connection(p, h, 1)", ".create_connection"),
        ("async def f():\n    await running().sock_connect(s, a)", ".sock_connect"),
        ("import subprocess\nsubprocess.run(['curl', u])", "subprocess.run"),
        ("from subprocess import Popen\nPopen(['git', 'fetch'])", "subprocess.Popen"),
        ("import os\nos.system('ssh h')", "os.system"),
        ("import asyncio as a\na.create_subprocess_exec('git')", "asyncio.create_subprocess_exec"),
        ("import smtplib\nsmtplib.SMTP(h)", "smtplib.SMTP"),
        ("from django.core import mail\nmail.get_connection(host=h)", "django.core.mail.get_connection"),
        ("from django.core.mail import send_mail\nsend_mail()", "django.core.mail.send_mail"),
        ("import redis\nredis.from_url(u)", "redis.from_url"),
        ("import redis.asyncio as redis\nredis.Redis(host=h)", "redis.asyncio.Redis"),
        ("import psycopg\npsycopg.connect(d)", "psycopg.connect"),
        ("from psycopg import AsyncConnection as A\nA.connect(d)", "psycopg.AsyncConnection.connect"),
        ("import dns.resolver\ndns.resolver.resolve(n)", "dns.resolver.resolve"),
        ("from apprise import Apprise\nApprise()", "apprise.Apprise"),
        ("import websockets", "websockets"),
        ("document.write_html(text)", ".write_html"),
        ("from tradewatch.core.net import Reach\nReach(('10.0.0.0/8',))", "tradewatch.core.net.Reach"),
        (
            "from tradewatch.core.net import guarded_client\nguarded_client(timeout_seconds=1, mounts={})",
            "tradewatch.core.net.guarded_client(mounts=)",
        ),
        (
            "from tradewatch.core import net_async as n\nn.AsyncGuardedTransport(r, inner=i)",
            "tradewatch.core.net_async.AsyncGuardedTransport(inner=)",
        ),
    ],
)
def test_a_new_path_is_found_however_it_is_written(source: str, name: str) -> None:
    assert name in [opening.name for opening in openings_in(source)]


@pytest.mark.parametrize(
    "source",
    [
        "import httpx\ndef f(client: httpx.Client) -> httpx.Response: raise httpx.ConnectError('')",
        "import socket\nsocket.gethostname()",
        "import subprocess\ntry: f()\nexcept subprocess.TimeoutExpired: pass",
        "import psycopg\nc: psycopg.Connection | None = None",
        "from tradewatch.core.net import guarded_client\nwith guarded_client(timeout_seconds=5) as c: c.get(u)",
        "from importlib import import_module\nimport_module('tradewatch.errors.models')",
        "get = {}.get\nget('x')",
    ],
)
def test_what_opens_nothing_is_left_alone(source: str) -> None:
    assert openings_in(source) == []


def test_a_second_place_in_a_listed_file_is_new() -> None:
    source = "import httpx\ndef probe_http(): httpx.AsyncClient()\nclass A:\n    def b(self): httpx.AsyncClient()"
    assert [opening.place for opening in openings_in(source)] == ["A.b", "probe_http"]
