from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from tradewatch.core.admin import PlainAdmin, Script, copy_button
from tradewatch.core.faults import Fault
from tradewatch.projects import access
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import ApiToken
from tradewatch.projects.scoped_admin import ProjectFilters, act_on_each, admin_actor
from tradewatch.projects.services import issue_token, revoke_token


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget)

    class Meta:
        model = ApiToken
        fields = ("name", "scopes", "projects", "expires_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ProjectFilters, PlainAdmin):
    """Tokens are issued here and shown once; afterwards they can only be revoked."""

    form = TokenForm
    list_display = (
        "name",
        "prefix",
        "scope_list",
        "created_by",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_select_related = ("created_by",)
    list_filter = ("projects", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "prefix")
    actions = ("revoke",)

    class Media:
        js = (Script("projects/copy.js"),)

    @admin.display(description="scopes")
    def scope_list(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens: QuerySet[ApiToken] = super().get_queryset(request)
        if request.user.is_superuser:
            return tokens
        visible = list(access.visible_projects(admin_actor(request)).values_list("id", flat=True))
        return tokens.filter(projects__in=visible).distinct()

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = access.visible_projects(admin_actor(request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, **kwargs: Any) -> Any:
        """Return a form whose `clean` asks the service's questions, so that a refusal stands beside its field."""
        base = super().get_form(request, obj, **kwargs)
        actor = admin_actor(request)

        class IssuingForm(base):  # type: ignore[misc,valid-type]
            def clean(self) -> dict[str, Any]:
                cleaned: dict[str, Any] = super().clean()
                if not self.errors:
                    self.issue(cleaned)
                return cleaned

            def issue(self, cleaned: dict[str, Any]) -> None:
                try:
                    self.instance, self.secret = issue_token(actor, **cleaned)
                except Fault as fault:
                    raise ValidationError(fault.errors or fault.detail) from fault

            def save_m2m(self) -> None:
                """The service has bound the projects."""

            def save(self, commit: bool = True) -> ApiToken:
                return self.instance

        return base if obj else IssuingForm

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        shown = format_html("The token, shown this once: {} {}", form.secret, copy_button(form.secret))
        messages.success(request, shown)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:projects_apitoken_changelist"))

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        act_on_each(request, tokens, revoke_token, "revoked")
