from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, object]:
    """Return what every page's frame shows."""
    return {}
