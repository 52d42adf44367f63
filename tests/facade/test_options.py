import pytest

from tradewatch.facade.failures import failure_counts
from tradewatch.facade.options import ClientOptions, read_client_options


def test_options_come_from_the_environment() -> None:
    environment = {
        "TRADEWATCH_DSN": " http://key@watch.example/1 ",
        "SENTRY_ENVIRONMENT": "paper",
        "SENTRY_RELEASE": "api@2",
        "SENTRY_TRACES_SAMPLE_RATE": "1",
        "SENTRY_PROFILES_SAMPLE_RATE": "0",
    }
    assert read_client_options(environment) == ClientOptions(
        dsn="http://key@watch.example/1",
        environment="paper",
        release="api@2",
        traces_sample_rate=1.0,
        profiles_sample_rate=0.0,
    )


def test_defaults_of_the_seed() -> None:
    options = read_client_options({})
    assert (options.dsn, options.environment, options.release) == ("", "production", None)
    assert (options.traces_sample_rate, options.profiles_sample_rate) == (0.2, 0.1)


def test_the_applications_own_dsn_is_left_alone() -> None:
    assert read_client_options({"SENTRY_DSN": "http://other@elsewhere.example/9"}).dsn == ""


@pytest.mark.parametrize("rate", ["lots", "1.5", "-0.1", "nan"])
def test_a_bad_rate_costs_itself_only(swallowing: None, rate: str) -> None:
    options = read_client_options({"TRADEWATCH_DSN": "http://k@h/1", "SENTRY_TRACES_SAMPLE_RATE": rate})
    assert (options.dsn, options.traces_sample_rate) == ("http://k@h/1", 0.2)
    assert failure_counts() == {"read SENTRY_TRACES_SAMPLE_RATE": 1}


@pytest.mark.parametrize("rate", ["", "  "])
def test_an_empty_rate_is_no_rate(rate: str) -> None:
    assert read_client_options({"SENTRY_TRACES_SAMPLE_RATE": rate}).traces_sample_rate == 0.2
