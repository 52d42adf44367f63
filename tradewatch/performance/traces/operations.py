"""What an operation waits for. Operations are many and free, categories are few. Pure.

Source: https://develop.sentry.dev/sdk/telemetry/traces/span-operations/, and what SDKs send.
"""

from collections.abc import Mapping
from functools import lru_cache

from tradewatch.performance.traces.choices import Category

# The longest prefix of whole dotted parts counts.
_BY_PREFIX = {
    "db": Category.DB,
    "sql": Category.DB,
    "mongodb": Category.DB,
    "elasticsearch": Category.DB,
    "db.redis": Category.CACHE,  # the child of cache.get, in most SDKs: one wait, not two
    "redis": Category.CACHE,
    "cache": Category.CACHE,
    "memcached": Category.CACHE,
    "http": Category.HTTP,
    "http.server": Category.FUNCTION,
    "fetch": Category.HTTP,
    "xhr": Category.HTTP,
    "queue": Category.QUEUE,
    "messaging": Category.QUEUE,
    "message": Category.QUEUE,
    "celery": Category.QUEUE,
    "topic": Category.QUEUE,
    "template": Category.TEMPLATE,
    "view.render": Category.TEMPLATE,
    "view.response.render": Category.TEMPLATE,
    "rpc": Category.RPC,
    "grpc": Category.RPC,
    "websocket": Category.RPC,
    "file": Category.FILE,
    "fs": Category.FILE,
    "ai": Category.AI,
    "gen_ai": Category.AI,
    "browser": Category.BROWSER,
    "resource": Category.BROWSER,
    "ui": Category.BROWSER,
    "pageload": Category.BROWSER,
    "navigation": Category.BROWSER,
    "mark": Category.BROWSER,
    "measure": Category.BROWSER,
    "paint": Category.BROWSER,
    "function": Category.FUNCTION,
    "code": Category.FUNCTION,
    "middleware": Category.FUNCTION,
    "event": Category.FUNCTION,
    "view": Category.FUNCTION,
    "task": Category.FUNCTION,
    "subprocess": Category.FUNCTION,
    "serialize": Category.FUNCTION,
    "graphql": Category.FUNCTION,
    "asyncio": Category.FUNCTION,
}

# OpenTelemetry says by attributes what Sentry's SDKs say by the operation (https://opentelemetry.io/docs/specs/semconv/).
_BY_ATTRIBUTE = (
    ("db.system.name", "db"),
    ("db.system", "db"),
    ("db.query.text", "db"),
    ("db.statement", "db"),
    ("cache.key", "cache"),
    ("messaging.system", "queue"),
    ("rpc.system", "rpc"),
    ("gen_ai.system", "gen_ai"),
    ("gen_ai.operation.name", "gen_ai"),
    ("http.request.method", "http.client"),
    ("http.method", "http.client"),
    ("url.full", "http.client"),
    ("faas.trigger", "function"),
)
_CACHES = frozenset({"redis", "memcached", "valkey"})


@lru_cache(maxsize=4096)
def category_of(op: str) -> Category:
    """Return what a span of an operation waits for; an operation that nobody knows is `OTHER`."""
    parts = op.lower().split(".")
    for length in range(len(parts), 0, -1):
        if found := _BY_PREFIX.get(".".join(parts[:length])):
            return found
    return Category.OTHER


def op_of_attributes(attributes: Mapping[str, object]) -> str:
    """Return the operation of a streamed span that names none; empty when its attributes do not tell."""
    for name, op in _BY_ATTRIBUTE:
        value = attributes.get(name)
        if value:
            return "db.redis" if op == "db" and str(value).lower() in _CACHES else op
    return ""
