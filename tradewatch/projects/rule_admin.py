"""Admin of rules that belong to one project or to all."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from tradewatch.core.admin import PlainAdmin
from tradewatch.core.faults import NotAllowed
from tradewatch.projects import access
from tradewatch.projects.scoped_admin import ProjectFilters, admin_actor
from tradewatch.projects.services.rules import delete_rule, require_rule_manager, save_rule


class RuleAdmin(ProjectFilters, PlainAdmin):
    """Managers see the rules of all projects and change their own project's; superusers change everything."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rules: QuerySet[Any] = super().get_queryset(request)
        visible = access.visible_projects(admin_actor(request)).values_list("id", flat=True)
        return rules.filter(Q(project=None) | Q(project__in=list(visible)))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self._may_write(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or self._may_write(request, obj))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "project":
            kwargs["queryset"] = access.visible_projects(admin_actor(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        changes = {
            name: [_text(form.initial.get(name)), _text(form.cleaned_data.get(name))] for name in form.changed_data
        }
        try:
            save_rule(admin_actor(request), obj, was_in=form.initial.get("project"), changes=changes)
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        try:
            delete_rule(admin_actor(request), obj)
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for rule in queryset:
            self.delete_model(request, rule)

    def _may_write(self, request: HttpRequest, rule: Model) -> bool:
        try:
            require_rule_manager(admin_actor(request), rule.project_id)  # type: ignore[attr-defined]
        except NotAllowed:
            return False
        return True


def _text(value: object) -> str | None:
    return None if value is None else str(value)
