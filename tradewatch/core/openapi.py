"""Query parameters that many endpoints share, and which paths the OpenAPI document shows."""

from collections.abc import Sequence

from drf_spectacular.utils import OpenApiParameter

from tradewatch.core.windows import SPANS

PROJECT = OpenApiParameter("project", str, description="id or slug; without: all that the caller may see")
ENVIRONMENT = OpenApiParameter("environment", str, description="without: all")
WINDOW = [
    OpenApiParameter("window", str, enum=list(SPANS), description="ends now; default 24h"),
    OpenApiParameter("start", str, description="ISO 8601, instead of `window`"),
    OpenApiParameter("end", str, description="ISO 8601; without: now"),
]
PAGE = [
    OpenApiParameter("cursor", str, description="`next` of the page before"),
    OpenApiParameter("limit", int, description="rows a page, 1 to 200; default 50"),
]


def without_slash_twins(endpoints: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the endpoints, each under its plain path alone."""
    paths = {endpoint[0] for endpoint in endpoints}
    return [endpoint for endpoint in endpoints if endpoint[0].rstrip("/") not in paths - {endpoint[0]}]
