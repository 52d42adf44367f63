"""Whom the end is told: whoever heard of it, unless their channel is set not to be told of ends."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from alerts.models import Alert, NotificationChannel
from alerts.services.ending import end_alert
from tests.alerts.builders import NOW, make_alert
from tests.alerts.engine.builders import at, group, root, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local_receivers(settings: Any, httpserver: HTTPServer) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")


def make_channel(name: str, httpserver: HTTPServer, **fields: Any) -> str:
    channel = NotificationChannel(name=name, kind="webhook", **fields)
    channel.settings = {"url": httpserver.url_for("/hook")}
    channel.save()
    root().channels.add(channel)
    return str(channel.pk)


def end(alert: Alert) -> None:
    alert.refresh_from_db()
    end_alert(alert, ending=f"Ended: {alert.title}", why="It is over.", by="TradeWatch", now=NOW)


def told(event: str) -> set[tuple[str, int]]:
    return {(target, sequence) for target, sequence, _ in said(event)}


def test_a_channel_that_does_not_want_ends_hears_of_none(httpserver: HTTPServer) -> None:
    root(mails_members=False)
    hears, spared = make_channel("Desk", httpserver), make_channel("Wall", httpserver, sends_resolves=False)
    first, second = make_alert(), make_alert(dedup_key="disk:settle-03", title="Disk 98% full")
    at(30)
    assert told("firing") == {(hears, 1), (spared, 1)}
    end(first)
    at(330)  # one of two ended: that alone is no message for it
    assert told("firing") == {(hears, 1), (spared, 1), (hears, 2)}
    end(second)
    at(630)
    assert told("resolved") == {(hears, 3)}
    assert group().ended_sequence == 3
    at(930)
    assert (group().state, told("resolved")) == ("ended", {(hears, 3)})


def test_an_end_beside_something_new_is_left_out_for_it(httpserver: HTTPServer) -> None:
    root(mails_members=False)
    make_channel("Wall", httpserver, sends_resolves=False)
    first = make_alert()
    at(30)
    end(first)
    make_alert(dedup_key="disk:settle-03", title="Disk 98% full")
    at(330)
    last = json.loads(httpserver.log[-1][0].get_data())
    assert last["data"]["headline"] == "Disk 98% full"


def test_it_is_said_when_nobody_wanted_the_end(httpserver: HTTPServer) -> None:
    root(mails_members=False)
    make_channel("Wall", httpserver, sends_resolves=False)
    alert = make_alert()
    at(30)
    end(alert)
    at(330)
    assert told("resolved") == set()
    assert "All has ended: 1 alert. No message by the route itself." in list(
        group().timeline.values_list("text", flat=True)
    )
