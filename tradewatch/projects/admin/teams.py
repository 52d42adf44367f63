from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from tradewatch.core.admin import PlainAdmin
from tradewatch.projects.models import Team
from tradewatch.projects.scoped_admin import admin_actor
from tradewatch.projects.services.teams import delete_team, save_team


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Team
        fields = ("name", "slug", "members")

    def clean_members(self) -> Any:
        members = self.cleaned_data["members"]
        strangers = [user.get_username() for user in members if not (user.is_active and user.is_staff)]
        if strangers:
            raise forms.ValidationError(f"Not an active staff account: {', '.join(strangers)}.")
        return members


@admin.register(Team)
class TeamAdmin(PlainAdmin):
    """Staff see every team (issues are assigned to them); superusers change them."""

    form = TeamForm
    list_display = ("name", "slug", "people")
    search_fields = ("name", "slug", "members__username")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("members",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(member_count=Count("members"))

    @admin.display(description="members", ordering="member_count")
    def people(self, team: Any) -> int:
        return int(team.member_count)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        save_team(admin_actor(request), obj, list(form.cleaned_data["members"]))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has set the members."""

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        delete_team(admin_actor(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Team]) -> None:
        for team in queryset:
            delete_team(admin_actor(request), team)
