"""What our templates say: numbers in words, times, icons, small pictures, links that keep the scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tradewatch.dashboard import words
from tradewatch.dashboard.navigation import PERFORMANCE_TABS
from tradewatch.dashboard.pictures import bars_path
from tradewatch.dashboard.ranges import DEFAULT_RANGE

register = template.Library()
register.filter("count", words.count)
register.filter("percent", words.percent)
register.filter("floored_percent", words.floored_percent)
register.filter("span", words.span)
register.filter("duration", words.seconds)
register.filter("plural", words.plural)

MARKS = {"debug": "none", "info": "info", "warning": "warning", "error": "error", "critical": "critical"}


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("tradewatch/icons.svg"), name
    )


@register.simple_tag
def mark(severity: str) -> SafeString:
    """Return the shape of a severity, named for those who do not see it."""
    return format_html(
        '<i class="mark {}" role="img" title="{}" aria-label="{}"></i>', MARKS.get(severity, "none"), severity, severity
    )


SIGNS = {"ok": "good", "warning": "degraded", "critical": "failing", "none": "unknown"}


@register.simple_tag
def sign(state: str) -> SafeString:
    """Return the mark of a health indicator, named for those who do not see it."""
    return format_html('<i class="mark {}" role="img" title="{}" aria-label="{}"></i>', state, *[SIGNS[state]] * 2)


@register.simple_tag(takes_context=True)
def ago(context: dict[str, Any], moment: datetime | None) -> SafeString:
    """Return a `<time>` that reads as an age (`12 s`), absolute in its title; the page's script keeps it current."""
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago>{}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        words.span(context["now"] - moment),
    )


@register.simple_tag(takes_context=True)
def at(context: dict[str, Any], moment: datetime) -> SafeString:
    """Return a `<time>` that reads as the clock (`14:57:02`, with its day unless it is today), the age in its title."""
    today = moment.date() == context["now"].date()
    return format_html(
        '<time datetime="{}" title="{} ago, UTC">{}</time>',
        moment.isoformat(timespec="seconds"),
        words.span(context["now"] - moment),
        moment.strftime("%H:%M:%S" if today else "%d %b %H:%M"),
    )


@register.simple_tag
def spark(values: Sequence[int], hot_from: int | None, label: str) -> SafeString:
    """Return bars for `values`; those from index `hot_from` on are orange (since it is new or came back)."""
    cut = len(values) if hot_from is None else hot_from
    return format_html(
        '<svg class="spark" viewBox="0 0 96 22" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}"/><path class="hot" d="{}"/></svg>',
        label,
        bars_path(values, range(cut)),
        bars_path(values, range(cut, len(values))),
    )


@register.simple_tag
def bar(ratio: float, style: str = "") -> SafeString:
    return format_html(
        '<svg class="bar" role="img" aria-label="{}"><rect width="{}%" height="100%" class="{}"/></svg>',
        words.percent(ratio),
        f"{ratio * 100:.1f}",
        style,
    )


@register.simple_tag(takes_context=True)
def scoped(context: dict[str, Any], name: str, *arguments: object) -> str:
    """Return the URL of the view `name`, with the page's project, environment and range."""
    return reverse(name, args=arguments) + _query(context)


@register.simple_tag
def querystring_of(parameters: Mapping[str, str], **further: str) -> str:
    """Return the query string of `parameters` and `further` ones, "?" included; empty without any."""
    values = {**parameters, **further}
    return ("?" + urlencode(values)) if values else ""


@register.simple_tag(takes_context=True)
def timeless(context: dict[str, Any], name: str, *arguments: object) -> str:
    """Return the URL of the view `name` with the page's project and environment, for a script that adds the time."""
    scope = context.get("scope")
    return reverse(name, args=arguments) + (scope.in_range(DEFAULT_RANGE).query if scope else "")


@register.simple_tag(takes_context=True)
def keep(context: dict[str, Any], path: str) -> str:
    """Return `path` with the page's scope; a path outside the watching pages keeps its own address."""
    return path if path.startswith("/admin/") else path + _query(context)


@register.inclusion_tag("dashboard/performance/_tabs.html", takes_context=True)
def performance_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """Show the pages under Performance as tabs, the present one marked."""
    here = context["request"].path.rstrip("/")
    return {"tabs": [(name, path + _query(context), path == here) for name, path in PERFORMANCE_TABS]}


def _query(context: dict[str, Any]) -> str:
    scope = context.get("scope")
    return scope.query if scope else ""
