"""The paths under /api/0/ that the stock sentry-cli calls for releases, deploys and artifacts, in Sentry's shapes.

Source: https://docs.sentry.io/api/releases/, and what sentry-cli 3.8.2 was seen to send. Whatever else it asks for is
answered with a sentence that says so.
"""
