"""The paths under /api/0/ that the stock sentry-cli calls."""
