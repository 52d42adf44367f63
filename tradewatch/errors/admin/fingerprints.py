"""Admin of fingerprint rules, with a preview of what they would regroup before they are saved."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from tradewatch.errors.fingerprint_book import patterns_of
from tradewatch.errors.fingerprint_preview import Preview, preview_rules
from tradewatch.errors.models import FingerprintRule
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import Project
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import admin_actor

PROJECTS_PREVIEWED = 5


@admin.register(FingerprintRule)
class FingerprintRuleAdmin(RuleAdmin):
    list_display = ("name", "position", "fingerprint", "project", "is_enabled")
    list_editable = ("position", "is_enabled")
    list_filter = ("is_enabled", "project")
    list_select_related = ("project",)
    search_fields = ("name", "exception_type", "message", "fingerprint")
    ordering = ("position", "id")
    change_form_template = "errors/admin/fingerprint_rule.html"
    fieldsets = (
        (None, {"fields": ("name", ("project", "position", "is_enabled"), "fingerprint")}),
        (
            "Which events: all that is filled in must match",
            {
                "fields": (
                    ("exception_type", "message"),
                    ("module", "function", "path"),
                    ("transaction", "logger", "level"),
                    ("environment", "release", "tag"),
                )
            },
        ),
    )

    def get_form(self, request: HttpRequest, obj: FingerprintRule | None = None, **kwargs: Any) -> Any:
        """Return a form that, asked for a preview, makes one of its valid values and is then not saved."""
        base = super().get_form(request, obj, **kwargs)

        class PreviewingForm(base):  # type: ignore[misc,valid-type]
            previews: list[tuple[Project, Preview]] = []

            def is_valid(self) -> bool:
                is_valid = bool(super().is_valid())
                if not is_valid or "_preview" not in request.POST:
                    return is_valid
                self.previews = previews_of(request, self.instance)
                return False

        return PreviewingForm

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **named: Any
    ) -> HttpResponse:
        context["previews"] = getattr(context["adminform"].form, "previews", [])
        context["was_previewed"] = "_preview" in request.POST
        answer: HttpResponse = super().render_change_form(request, context, *args, **named)
        return answer


def previews_of(request: HttpRequest, draft: FingerprintRule) -> list[tuple[Project, Preview]]:
    """Return what the rules with `draft` in place would do to the newest events, in at most five projects.

    Only in projects that the person may see.
    """
    projects = visible_projects(admin_actor(request))
    if draft.project_id is not None:
        projects = projects.filter(pk=draft.project_id)
    saved = list(FingerprintRule.objects.filter(is_enabled=True).order_by("position", "pk"))
    others = [rule for rule in saved if rule.pk != draft.pk]
    place = (draft.position, draft.pk or float("inf"))
    after = sorted([*others, *([draft] if draft.is_enabled else [])], key=lambda rule: _place(rule, draft, place))
    return [
        (project, preview_rules(project.pk, patterns_of(saved), patterns_of(after)))
        for project in projects.order_by("pk")[:PROJECTS_PREVIEWED]
    ]


def _place(rule: FingerprintRule, draft: FingerprintRule, place: tuple[int, float]) -> tuple[int, float]:
    return place if rule is draft else (rule.position, rule.pk)
