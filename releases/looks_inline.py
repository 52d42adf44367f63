"""What looks said of a deployment, on its admin page. Read-only: a look is written once."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline

from releases.models import DeploymentLook


class LookInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = DeploymentLook
    fields = readonly_fields = ("minutes", "verdict", "summary", "looked_at")
    ordering = ("minutes",)
    verbose_name_plural = "looks"
    extra = max_num = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
