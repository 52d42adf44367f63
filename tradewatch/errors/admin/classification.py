"""Admin of classification rules: tried before they are saved, and run over the issues there are."""

from urllib.parse import quote

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.decorators import action as unfold_action

from tradewatch.errors.admin.reclassify_page import reclassify_page
from tradewatch.errors.models import ClassificationRule
from tradewatch.errors.rule_trial_page import try_page
from tradewatch.projects.rule_admin import RuleAdmin


@admin.register(ClassificationRule)
class ClassificationRuleAdmin(RuleAdmin):
    list_display = ("name", "position", "category", "severity", "project", "is_enabled")
    list_editable = ("position", "is_enabled")
    list_filter = ("is_enabled", "category", "project")
    list_select_related = ("project",)
    search_fields = ("name", "exception_type", "module", "message")
    ordering = ("position", "id")
    actions_list = ("try_a_rule", "classify_again")
    actions_detail = ("try_this_rule",)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that shows what a rule would match, and the one that runs the rules over the issues."""
        guard = self.admin_site.admin_view
        return [
            path("try/", guard(self.trial), name="errors_classificationrule_try"),
            path("reclassify/", guard(self.reclassify), name="errors_classificationrule_reclassify"),
            *super().get_urls(),
        ]

    def reclassify(self, request: HttpRequest) -> HttpResponse:
        if not super().has_change_permission(request):
            raise PermissionDenied
        return reclassify_page(request, self)

    @unfold_action(description="Classify issues again", permissions=["change"])
    def classify_again(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:errors_classificationrule_reclassify"))

    def trial(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return try_page(request, self.get_queryset(request))

    @unfold_action(description="Try a rule")
    def try_a_rule(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:errors_classificationrule_try"))

    @unfold_action(description="Try: which issues match?")
    def try_this_rule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:errors_classificationrule_try')}?rule={quote(object_id)}")
