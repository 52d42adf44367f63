"""What looks said of a deployment, on its admin page. Read-only: a look is written once."""

from releases.models import DeploymentLook
from tradewatch.core.admin import ReadOnlyInline


class LookInline(ReadOnlyInline):
    model = DeploymentLook
    fields = readonly_fields = ("minutes", "verdict", "summary", "looked_at")
    ordering = ("minutes",)
    verbose_name_plural = "looks"
