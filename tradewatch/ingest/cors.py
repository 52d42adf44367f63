"""What lets a browser of any origin post here and read the answer: a DSN key is public, so nothing is given away."""

Headers = list[tuple[bytes, bytes]]

CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after"),
]


def preflight_headers(methods: tuple[str, ...]) -> Headers:
    """Return what an OPTIONS request is told besides `CORS`."""
    return [
        (b"access-control-allow-methods", ", ".join(methods).encode()),
        (
            b"access-control-allow-headers",
            b"x-sentry-auth, x-requested-with, origin, accept, content-type, authentication, authorization, "
            b"content-encoding, transfer-encoding, sentry-trace, baggage",
        ),
        (b"access-control-max-age", b"3600"),
    ]
