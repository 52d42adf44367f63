"""The stock SDK, pointed at TradeWatch: the one thing that a watched application changes is its DSN."""

import logging
import os

import sentry_sdk

DEFAULT_RELEASE = "trading-api@2.0.0"


def release() -> str:
    return os.environ.get("SENTRY_RELEASE") or DEFAULT_RELEASE


def start_monitoring() -> None:
    logging.getLogger("examples.trading_app").setLevel(logging.INFO)
    sentry_sdk.init(
        dsn=os.environ.get("TRADEWATCH_DSN", ""),
        release=release(),
        environment=os.environ.get("SENTRY_ENVIRONMENT", "production"),
        enable_logs=True,
        traces_sample_rate=float(os.environ.get("SENTRY_TRACES_SAMPLE_RATE", "1.0")),
    )
