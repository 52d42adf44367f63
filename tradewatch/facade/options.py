"""What the monitored application says by its environment about its side of the monitoring."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewatch.facade.failures import swallowed

TRACES_SAMPLE_RATE = 0.2
PROFILES_SAMPLE_RATE = 0.1
FLUSH_INTERVAL_SECONDS = 60.0
_OFF = ("false", "0", "no", "off")


@dataclass(frozen=True, slots=True)
class MonitorOptions:
    """What the performance monitor goes by."""

    traces_sample_rate: float
    flush_interval_seconds: float
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """`dsn` empty: nowhere to send to. `release` None: the SDK finds it (SENTRY_RELEASE, else the git commit)."""

    dsn: str
    environment: str = "production"
    release: str | None = None
    traces_sample_rate: float = TRACES_SAMPLE_RATE
    profiles_sample_rate: float = PROFILES_SAMPLE_RATE


def read_client_options(environment: Mapping[str, str]) -> ClientOptions:
    """Return the options of `environment`. SENTRY_DSN is left alone: it belongs to the application's own SDK.

    A bad rate counts as a failure and falls back to its default: it must not cost the application its error reports.
    """
    return ClientOptions(
        dsn=environment.get("TRADEWATCH_DSN", "").strip(),
        environment=environment.get("SENTRY_ENVIRONMENT", "").strip() or "production",
        release=environment.get("SENTRY_RELEASE", "").strip() or None,
        traces_sample_rate=_ratio(environment, "SENTRY_TRACES_SAMPLE_RATE", TRACES_SAMPLE_RATE),
        profiles_sample_rate=_ratio(environment, "SENTRY_PROFILES_SAMPLE_RATE", PROFILES_SAMPLE_RATE),
    )


def read_monitor_options(environment: Mapping[str, str]) -> MonitorOptions:
    """Return the options of `environment`; bad ones count as failures and fall back to their defaults."""
    is_off = environment.get("SENTRY_ENABLE_PERFORMANCE_MONITORING", "").strip().lower() in _OFF
    return MonitorOptions(
        traces_sample_rate=_ratio(environment, "SENTRY_TRACES_SAMPLE_RATE", TRACES_SAMPLE_RATE),
        flush_interval_seconds=_seconds(environment, "SENTRY_METRICS_FLUSH_INTERVAL", FLUSH_INTERVAL_SECONDS),
        is_enabled=not is_off,
    )


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    with swallowed(f"read {name}"):
        seconds = float(environment.get(name, "").strip() or default)
        if not 1.0 <= seconds <= 86_400.0:
            raise ValueError(f"{name}: expected seconds from 1 to a day")
        return seconds
    return default


def _ratio(environment: Mapping[str, str], name: str, default: float) -> float:
    with swallowed(f"read {name}"):
        ratio = float(environment.get(name, "").strip() or default)
        if not 0.0 <= ratio <= 1.0:  # also refuses NaN
            raise ValueError(f"{name}: expected a number from 0 to 1")
        return ratio
    return default
