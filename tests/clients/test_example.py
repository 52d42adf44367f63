"""The example application under the stock SDK: its traffic's own counts against what TradeWatch counted."""

import asyncio
from collections import Counter

import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from examples.trading_app.traffic import Counts, drive
from examples.trading_app.venue_simulator import NAME as VENUE
from tests.clients.stored import stored_events, stored_series
from tests.servers import Server

pytestmark = pytest.mark.clients


def traffic_on(server: Server, release: str) -> Counts:
    with running_service(dsn=server.dsn, release=release, environment="paper") as url:
        return asyncio.run(drive(url, seconds=4, rate=10, seed=5))


def requests_by_endpoint(*runs: Counts) -> Counter[str]:
    """Return what TradeWatch should have counted: {transaction: requests}."""
    expected: Counter[str] = Counter()
    for run in runs:
        for endpoint, by_status in run.answers.items():
            expected[endpoint.split(" ")[1]] += sum(by_status.values())
        expected["settle order"] += run.settlements["settled"] + run.settlements["failed"]
        expected[VENUE] += orders_sent_on(run)
    return expected


def orders_sent_on(run: Counts) -> int:
    """Return how many orders reached their venue, which is a service of its own in the same project."""
    refused_there = run.intents["late venue"] + run.intents["dropping venue"]
    return run.answers["POST /orders"]["201"] + refused_there


def test_what_the_traffic_met_is_what_tradewatch_counted(server: Server) -> None:
    good = traffic_on(server, GOOD_RELEASE)
    bad = traffic_on(server, BAD_RELEASE)
    server.drain()

    counted = {name.removeprefix("tx:"): count for name, count in stored_series(server, "tx:").items()}
    assert counted.pop("/health") == 2  # each start asks once whether it is up
    assert counted == dict(requests_by_endpoint(good, bad))

    logged = stored_series(server, "logs:")
    runs = (good, bad)
    refused = sum(run.with_status("409") for run in runs)
    failed = sum(run.settlements["failed"] for run in runs)
    late = sum(run.intents["late venue"] + run.intents["dropping venue"] for run in runs)
    assert (logged["logs:warn"], logged["logs:error"]) == (refused + late, failed)

    for release, run in ((GOOD_RELEASE, good), (BAD_RELEASE, bad)):
        events = Counter(event.thrown[-1][0] for event in stored_events(server, release=release))
        assert events.pop("RiskLimitExceeded") == run.with_status("409")
        assert events.pop("SettlementError") == run.settlements["failed"]
        assert events.total() == run.with_status("500")

    on_bad = stored_events(server, release=BAD_RELEASE)
    incident = [event for event in on_bad if event.exception_type == "KeyError"]
    assert len(incident) == bad.intents["institutional order"]
    assert {event.first_release for event in incident} == {BAD_RELEASE}
    assert {event.environment for event in on_bad} == {"paper"}


def test_the_chain_of_causes_arrives(server: Server) -> None:
    traffic_on(server, GOOD_RELEASE)
    chains = {(event.thrown[-1][0], *event.thrown[0]) for event in stored_events(server, release=GOOD_RELEASE)}
    assert ("SettlementError", "LookupError", "no standing settlement instruction for ORBT") in chains
    assert ("VenueUnavailable", "ReadTimeout", "timed out") in chains
    assert ("VenueUnavailable", "ReadError", "[Errno 104] Connection reset by peer") in chains
