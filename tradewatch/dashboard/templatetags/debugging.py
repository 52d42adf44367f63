"""What templates of the workbench say: links to the page itself that name one of its replays or searches."""

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


@register.simple_tag(takes_context=True)
def bench(context: dict[str, Any], **parameters: object) -> str:
    """Return the URL of the session's page in the page's scope, with `parameters` beside it."""
    path = reverse("debug-session-page", args=[context["session"].pk])
    named = {name: str(value) for name, value in parameters.items()}
    return path + str(context["scope"].query_with(named))
