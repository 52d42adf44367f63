"""Rollbacks in the admin: read, called off, told again. They are requested where the deployment is."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from releases.models import Rollback
from releases.rollbacks.services import tell_again, withdraw_rollback
from tradewatch.core.actors import Actor
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each


@admin.register(Rollback)
class RollbackAdmin(ScopedRecordAdmin):
    project_path = "deployment__project_id"
    list_display = ("deployment", "to_version", "state", "opening", "requested_by", "requested_at", "told_at", "answer")
    list_filter = ("state", "opening", "deployment__project")
    list_select_related = ("deployment",)
    search_fields = ("to_version", "deployment__version", "reason", "requested_by")
    ordering = ("-requested_at", "-id")
    date_hierarchy = "requested_at"
    actions = ("withdraw", "tell")

    @admin.action(description="Withdraw", permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Rollback]) -> None:
        act_on_each(request, rows, _withdraw, "withdrawn")

    @admin.action(description="Tell CI again", permissions=["change"])
    def tell(self, request: HttpRequest, rows: QuerySet[Rollback]) -> None:
        act_on_each(request, rows, _tell, "told to CI again")


def _withdraw(actor: Actor, row: Any) -> None:
    withdraw_rollback(actor, row.pk, now=timezone.now())


def _tell(actor: Actor, row: Any) -> None:
    tell_again(actor, row.pk, now=timezone.now())
