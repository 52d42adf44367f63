import pytest

from tradewatch.ingest.edge import is_ingest
from tradewatch.ingest.routes import Route, route_of


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/1/envelope/", Route("envelope", 1)),
        ("/api/1/envelope", Route("envelope", 1)),
        ("/api/42/store/", Route("store", 42)),
        ("/api/1/security/", Route("security", 1)),
        ("/watch/tower/api/7/envelope/", Route("envelope", 7)),
        ("/api/1/api/2/envelope/", Route("envelope", 2)),
        ("/api/1/cron/nightly", Route("cron", 1, "nightly")),
        ("/api/1/cron/nightly/", Route("cron", 1, "nightly")),
        ("/api/1/cron/nightly/abc", Route("cron", 1, "nightly", "abc")),
        ("/p/api/1/cron/nightly/abc/", Route("cron", 1, "nightly", "abc")),
    ],
)
def test_paths_of_ours(path, route):
    assert route_of(path) == route
    assert is_ingest(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/1/",
        "/api/0/envelope/",
        "/api/0/organizations/tradewatch/releases/",
        "/api/schema/",
        "/api/one/envelope/",
        "/api/-1/envelope/",
        "/api/12345678901/envelope/",
        "/api/1/envelope/more",
        "/api/1/envelope//",
        "/api/1/cron/",
        "/api/1/cron/a/b/c",
        "api/1/envelope/",
        "/xapi/1/envelope/",
        "/x" * 300 + "/api/1/envelope/",
        "/api/1/envelope/\n",
    ],
)
def test_other_peoples_paths(path):
    assert route_of(path) is None
    assert not is_ingest(path)


@pytest.mark.parametrize(("kind", "methods"), [("envelope", ("POST", "OPTIONS")), ("cron", ("GET", "POST", "OPTIONS"))])
def test_methods_of_a_route(kind, methods):
    assert Route(kind, 1).methods == methods
