"""Whether a websocket is opened by a page of our own."""

from urllib.parse import urlsplit


def is_same_origin(headers: dict[bytes, bytes]) -> bool:
    """Return whether Origin names the Host that was asked. Only browsers send Origin: without one there is no page."""
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin.decode("latin-1")).netloc.encode() == headers.get(b"host")
