"""What templates say of deployments: their verdict as a badge, as a mark."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from releases.models import Deployment
from tradewatch.dashboard.releases.verdict_words import shown, verdict_of_end

register = template.Library()


@register.simple_tag
def standing(row: Deployment, style: str = "") -> SafeString:
    """Return how a deployment stands as a badge; of one that was rolled back its verdict stands before it.

    `style` "loud": an unhealthy one as solid as a critical alert, where the page is about it alone.
    """
    badges = [each for each in (verdict_of_end(row), shown(row)) if each]
    return format_html_join(
        " ",
        '<span class="badge {}">{}</span>',
        [("sev critical" if style == "loud" and each.badge == "bad" else each.badge, each.word) for each in badges],
    )


@register.simple_tag
def standing_mark(row: Deployment) -> SafeString:
    """Return the shape of how it stands. Its word is the badge's beside it: nobody hears it twice."""
    return format_html('<i class="mark {}" aria-hidden="true"></i>', shown(row).mark)
